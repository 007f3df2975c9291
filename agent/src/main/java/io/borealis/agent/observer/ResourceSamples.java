package io.borealis.agent.observer;

/** Where the observer learns what tasks use. Any thread may call; answers at once, from memory. */
public interface ResourceSamples {
  /** Knows nothing. */
  ResourceSamples NONE =
      new ResourceSamples() {
        @Override
        public ResourceSample ofTask(String taskId) {
          return ResourceSample.NONE;
        }

        @Override
        public ResourceSample ofProcess(String taskId, String process) {
          return ResourceSample.NONE;
        }
      };

  /** What a task uses now. */
  ResourceSample ofTask(String taskId);

  /** What the run of a process uses that goes on now. */
  ResourceSample ofProcess(String taskId, String process);
}
