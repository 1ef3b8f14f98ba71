/** All that is wrong with EMAIL_TEMPLATES_DIR, in one message that names each file: told at start. */
export class TemplatesProblem extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`EMAIL_TEMPLATES_DIR needs a change:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'TemplatesProblem';
  }
}
