/**
 * What is pending is found by one index, in the order in which its turn comes. There were two; both are empty most of the
 * time, so that to the planner one is as good as the other, and by the one that knows no priority a round of the relay read
 * the whole backlog to sort it. One less is also one less to write for each webhook.
 */
export const oneIndexOfTheBacklog: readonly string[] = [`drop index deliveries_unrelayed`];
