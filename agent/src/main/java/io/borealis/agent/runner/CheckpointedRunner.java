package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.LaunchException;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runner that writes down what it does before it goes on, so that the next one can go on from
 * there. Confined to its loop; only {@link #wake} may be called by any thread.
 */
final class CheckpointedRunner implements TaskRunner {
  private static final Logger log = LoggerFactory.getLogger(CheckpointedRunner.class);

  /** How often what was killed is looked at. */
  private static final Duration SETTLING = Duration.ofMillis(100);

  private static final Duration LONG = Duration.ofSeconds(60);

  private final RunnerSetup setup;
  private final CheckpointPaths paths;
  private final Description description;
  private final TakeOver takeOver;
  private final RunControl control;
  private final RecordSink.Opener sinks;
  private final Clock clock;
  private final EventLoop loop;
  private final Author author;
  private final Listener listener;
  private final Troubles troubles;
  private final StopSignals signals;

  private @Nullable TaskLock lock;
  private @Nullable Chronicle chronicle;
  private EventLoop.@Nullable Timer timer;
  private Stop stop = Stop.NONE;

  /** Whether the state of the task is to be written again, as who takes control does. */
  private boolean restates = true;

  private boolean isWanted;
  private boolean isStarted;
  private boolean isOver;
  private long settlingNanos;

  CheckpointedRunner(
      RunnerSetup setup,
      RunControl control,
      RecordSink.Opener sinks,
      Clock clock,
      EventLoop loop,
      Author author,
      Listener listener) {
    this.setup = setup;
    this.paths = new CheckpointPaths(setup.checkpointRoot(), setup.taskId());
    this.description = new Description(paths);
    this.takeOver = new TakeOver(setup, paths, description);
    this.control = control;
    this.sinks = sinks;
    this.clock = clock;
    this.loop = loop;
    this.author = author;
    this.listener = listener;
    this.troubles = new Troubles(setup.taskId());
    this.signals = new StopSignals(control, loop);
  }

  @Override
  public void start() {
    isWanted = true;
    wake();
  }

  @Override
  public void kill(Duration patience) {
    ask(TaskState.KILLED, patience);
  }

  @Override
  public void lose() {
    ask(TaskState.LOST, Duration.ZERO);
  }

  @Override
  public void detach() {
    isOver = true;
    cancelTimer();
    close();
  }

  /** Makes it look soon at what has changed. */
  void wake() {
    loop.execute(this::turn);
  }

  private void ask(TaskState outcome, Duration patience) {
    long deadline = clock.nanoTime() + patience.toNanos();
    if (!stop.isAsked()) {
      restates = true;
      stop = new Stop(outcome, deadline);
    } else if (deadline - stop.deadlineNanos() < 0) {
      stop = new Stop(stop.outcome(), deadline);
    }
    wake();
  }

  /** Does all there is to do now. */
  private void turn() {
    if (!isWanted || isOver) {
      return;
    }
    cancelTimer();
    try {
      if (chronicle == null) {
        begin();
      }
      Duration pause = goOn();
      if (!isOver) {
        timer = loop.schedule(pause, this::turn);
      }
    } catch (Refusal e) {
      fail(e.kind(), e.getMessage());
    } catch (IOException e) {
      trouble(e);
    }
  }

  private void begin() throws IOException, Refusal {
    if (lock == null) {
      lock = takeOver.lock();
    }
    Course course = takeOver.replay(now());
    if (!course.isEnded() || !description.isFinished()) {
      takeOver.check(course);
    }
    chronicle = new Chronicle(paths, course, sinks.open(paths.runner()), clock, this::changed);
  }

  private Duration goOn() throws IOException {
    introduce();
    while (!isOver) {
      control.sweep();
      // What is gone must have been gone before the streams are read for the last time.
      Sight sight = Sight.of(course().runs().values(), control);
      if (chronicle().collect()) {
        continue;
      }
      Step step = Stages.next(course(), sight, stop, clock.nanoTime());
      if (step instanceof Step.Look look) {
        troubles.over();
        chronicle().beat();
        return look.after();
      }
      if (step instanceof Step.Settle) {
        return settle();
      }
      take(step);
    }
    return Duration.ZERO;
  }

  /** Takes control: says so in the stream, and makes the task known as one that lives. */
  private void introduce() throws IOException {
    if (restates && !course().isEnded()) {
      enter(course().taskState());
      restates = false;
    }
    if (course().taskState() == TaskState.ACTIVE) {
      description.activate(setup.task().toJson());
    }
    if (course().header() == null && !course().isEnded()) {
      chronicle().write(Checkpoint.of(setup.header(clock.wallMillis())));
    }
    if (!isStarted) {
      isStarted = true;
      listener.started();
    }
  }

  private void take(Step step) throws IOException {
    if (step instanceof Step.Enter enter) {
      enter(enter.state());
    } else if (step instanceof Step.Launch launch) {
      launch(launch.process());
    } else if (step instanceof Step.Lose lose) {
      write(ProcessUpdate.lost(lose.process(), course().nextSeq(lose.process())));
    } else if (step instanceof Step.Force force) {
      force(course().run(force.process()));
    } else {
      throw new IllegalStateException("Not a step to take: " + step);
    }
  }

  private void enter(TaskState state) throws IOException {
    chronicle().write(author.status(state, clock.wallMillis()));
    // Whoever is out of time is killed at once.
    if (state == TaskState.CLEANING && !timeLeft().isZero()) {
      signals.ask(course());
    }
  }

  private void launch(String process) throws IOException {
    Run last = course().runs().get(process);
    if (last == null || last.state() != ProcessState.WAITING) {
      write(ProcessUpdate.waiting(process, course().nextSeq(process)));
    }
    long seq = course().nextSeq(process);
    try {
      chronicle().expect(control.launch(process, course().run(process).number(), seq));
    } catch (LaunchException e) {
      log.warn("{}: cannot start {}: {}", setup.taskId(), process, e.getMessage());
      write(ProcessUpdate.unlaunched(process, seq));
    }
  }

  /** Kills first: that has to be done whether it can be written or not. */
  private void force(Run run) throws IOException {
    boolean lives = control.look(run).any();
    control.kill(run);
    String process = run.process();
    long seq = course().nextSeq(process);
    write(
        lives
            ? ProcessUpdate.ended(
                process, seq, ProcessState.KILLED, clock.wallMillis() / 1000.0, -1)
            : ProcessUpdate.lost(process, seq));
  }

  private Duration settle() throws IOException {
    if (!control.killRest()) {
      long now = clock.nanoTime();
      if (settlingNanos == 0) {
        settlingNanos = now;
      } else if (now - settlingNanos > LONG.toNanos()) {
        settlingNanos = now;
        log.warn("{}: something of the task does not die", setup.taskId());
      }
      return SETTLING;
    }
    if (!description.isFinished()) {
      description.finish(clock.wallMillis());
    }
    TaskState state = course().taskState();
    isOver = true;
    close();
    listener.ended(state);
    return Duration.ZERO;
  }

  /** A run that has ended takes with it whatever it left behind. */
  private void changed(Run run) {
    if (!run.isUnended()) {
      if (run.hasCoordinator()) {
        control.kill(run);
      }
    } else if (run.state() == ProcessState.RUNNING && course().taskState() == TaskState.CLEANING) {
      control.terminate(run);
    }
  }

  private Duration timeLeft() {
    return Stages.timeLeft(course(), stop, clock.nanoTime());
  }

  /** Tries again later; meanwhile those that are to stop are stopped, written down or not. */
  private void trouble(IOException e) {
    if (!isStarted && isBlank()) {
      fail(Failure.INTERNAL_ERROR, "Task %s cannot begin: %s".formatted(setup.taskId(), e));
      return;
    }
    Duration pause = troubles.met(e);
    if (chronicle != null && Stages.isStopping(course(), stop)) {
      Duration left = timeLeft();
      signals.goOn(course(), stop, left);
      pause = left.isZero() || left.compareTo(pause) > 0 ? pause : left;
    }
    timer = loop.schedule(pause, this::turn);
  }

  /** Whether nothing was ever started of the task. */
  private boolean isBlank() {
    try {
      return chronicle == null
          ? !Files.exists(paths.runner()) || Files.size(paths.runner()) == 0
          : course().header() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private void fail(Failure kind, String message) {
    isOver = true;
    close();
    listener.failed(kind, message);
  }

  private void write(ProcessUpdate update) throws IOException {
    chronicle().write(Checkpoint.of(update));
  }

  private Chronicle chronicle() {
    if (chronicle == null) {
      throw new IllegalStateException("Not begun");
    }
    return chronicle;
  }

  private Course course() {
    return chronicle().course();
  }

  private Course.Moment now() {
    return new Course.Moment(clock.nanoTime(), clock.wallMillis());
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** The lock goes last, since others may write from then on. */
  private void close() {
    signals.close();
    close(chronicle);
    close(lock);
  }

  private void close(@Nullable Closeable held) {
    try {
      if (held != null) {
        held.close();
      }
    } catch (IOException e) {
      log.warn("{}: cannot close its stream: {}", setup.taskId(), e.toString());
    }
  }
}
