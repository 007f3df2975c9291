package io.borealis.agent.runner;

/** Who writes the records of tasks: this process and its account. Immutable. */
record Author(int pid, int uid) {}
