package io.borealis.agent.checkpoint;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down how handlers of all kinds are called. */
final class Recorder {
  private final List<String> calls = new ArrayList<>();

  List<String> calls() {
    return calls;
  }

  /** A dispatcher with one handler of each kind, the universal one last. */
  Dispatcher dispatcher() {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.register(new Processes());
    dispatcher.register(new Task());
    dispatcher.register(new Universal());
    return dispatcher;
  }

  private void process(String call, ProcessUpdate step) {
    calls.add("%s %s seq=%d".formatted(call, step.process(), step.seq()));
  }

  private static String orNone(@Nullable Object value) {
    return value == null ? "None" : value.toString();
  }

  private final class Universal implements Handler.Universal {
    @Override
    public void initialization(Header header) {
      calls.add("universal.on_initialization " + orNone(header.taskId()));
    }

    @Override
    public void processTransition(ProcessUpdate step) {
      process("universal.on_process_transition " + step.state(), step);
    }

    @Override
    public void taskTransition(TaskUpdate step) {
      calls.add(
          "universal.on_task_transition "
              + orNone(step.state() == null ? step.stateNumber() : step.state()));
    }
  }

  private final class Processes implements Handler.OfProcesses {
    @Override
    public void waiting(ProcessUpdate step) {
      process("process.on_waiting", step);
    }

    @Override
    public void forked(ProcessUpdate step) {
      process("process.on_forked", step);
    }

    @Override
    public void running(ProcessUpdate step) {
      process("process.on_running", step);
    }

    @Override
    public void success(ProcessUpdate step) {
      process("process.on_success", step);
    }

    @Override
    public void failed(ProcessUpdate step) {
      process("process.on_failed", step);
    }

    @Override
    public void killed(ProcessUpdate step) {
      process("process.on_killed", step);
    }

    @Override
    public void lost(ProcessUpdate step) {
      process("process.on_lost", step);
    }
  }

  private final class Task implements Handler.OfTask {
    @Override
    public void active(TaskUpdate step) {
      calls.add("task.on_active");
    }

    @Override
    public void cleaning(TaskUpdate step) {
      calls.add("task.on_cleaning");
    }

    @Override
    public void finalizing(TaskUpdate step) {
      calls.add("task.on_finalizing");
    }

    @Override
    public void success(TaskUpdate step) {
      calls.add("task.on_success");
    }

    @Override
    public void failed(TaskUpdate step) {
      calls.add("task.on_failed");
    }

    @Override
    public void killed(TaskUpdate step) {
      calls.add("task.on_killed");
    }

    @Override
    public void lost(TaskUpdate step) {
      calls.add("task.on_lost");
    }
  }
}
