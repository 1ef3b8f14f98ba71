/** What `told` prints as the cause of what an operator's command decided. */
export const operatorsCause = (id: string): string => `operator:${id}`;

export const isOperators = (cause: string): boolean => cause.startsWith('operator:');
