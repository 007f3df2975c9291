package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.util.Modules;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.LeaderTerm;
import io.borealis.scheduler.ProcessModule;
import io.borealis.scheduler.TermModule;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.SimulatedEnsemble;
import io.borealis.scheduler.leader.LeaderService;
import io.borealis.scheduler.leader.LifecycleState;
import io.borealis.scheduler.leader.Term;
import io.borealis.scheduler.sla.CoordinatorHttp;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.store.State;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One scheduler, life after life: the product's own parts from the journal to the API, on the loops
 * of a process that can die at any time. For one thread.
 */
final class SimulatedScheduler {
  private final World world;
  private final Endpoint endpoint;
  private Life life;

  SimulatedScheduler(World world, String host) {
    this.world = world;
    this.endpoint = new Endpoint(host, 8081);
    this.life = new Life();
  }

  boolean isDead() {
    return life.process.isDead();
  }

  void restart() {
    if (isDead()) {
      world.trace().say(toString(), "starts");
      world.truth().forget(toString());
      life = new Life();
    }
  }

  MortalRuntimes process() {
    return life.process;
  }

  SimulatedEnsemble.Connection connection() {
    return life.connection;
  }

  SimulatedElection.Seat seat() {
    return life.seat;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** Nobody hears of it any more, nor does it hear of anybody. */
  void cut() {
    connection().cut();
    seat().cut();
  }

  /** Lets it be cut off when the next call has just come in. */
  void cutAtNextCall() {
    life.cutAtNextCall = true;
  }

  /** Hands over, as an operator asks for. */
  void stepDown() {
    life.leader.stepDown("asked to");
  }

  boolean isActive() {
    return !isDead() && life.leader.state() == LifecycleState.ACTIVE;
  }

  /** What those who ask it get to see. */
  State durable() {
    return life.replica.durable();
  }

  /** What it could use for tasks, if it leads. */
  Iterable<Offer> offers() {
    RoughDriver driver = life.driver;
    return driver == null ? ImmutableList.of() : driver.offers();
  }

  /** The cluster says something of a task to this leader, if it is one. */
  void report(String taskId, ClusterTaskState state) {
    RoughDriver driver = life.driver;
    if (driver != null) {
      driver.report(taskId, state);
    }
  }

  /**
   * A call comes in. What answers is what the daemon would let answer: only a leader that is heard
   * by ZooKeeper.
   *
   * @param answer not told anything if the process dies first
   */
  void call(
      CallContext context,
      BiFunction<AuroraAdmin, CallContext, CompletionStage<Response>> call,
      Consumer<Response> answer) {
    Life callee = life;
    if (!callee.process.acts()) {
      return;
    }
    if (callee.cutAtNextCall && world.isRough()) {
      callee.cutAtNextCall = false;
      var unused =
          world.network().schedule(Duration.ofMillis(world.random().nextInt(4)), this::cut);
    }
    AuroraAdmin api = callee.api;
    if (api == null || !callee.mayAnswer()) {
      answer.accept(Response.builder().responseCode(ResponseCode.ERROR_TRANSIENT).build());
      return;
    }
    call.apply(api, context)
        .whenComplete(
            (response, failure) -> {
              if (failure != null) {
                world.truth().broken("a call failed: " + failure);
              } else if (callee.process.acts()) {
                answer.accept(response);
              }
            });
  }

  @Override
  public String toString() {
    return endpoint.host();
  }

  /** From a start to a death. */
  private final class Life {
    private final MortalRuntimes process =
        new MortalRuntimes(world.runtimes(), world.random(), this::died);
    private final SimulatedEnsemble.Connection connection =
        world.ensemble().join(process.newLoop("journal"), process.clock());
    private final SimulatedElection.Seat seat = world.election().join(process);
    private final Journal journal =
        new WatchedJournal(endpoint.host(), connection.journal(), world.truth());
    private final Injector graph =
        Guice.createInjector(
            Modules.override(
                    new ProcessModule(world.settings(), process, new SimpleMeterRegistry()))
                .with(new Surroundings()));
    private final Replica replica = graph.getInstance(Replica.class);
    private final TermModule.TermLoops loops = TermModule.TermLoops.of(process, error -> {});
    private final LeaderService leader =
        new LeaderService(
            new LeaderService.Identity(endpoint.host(), endpoint, "http"),
            process.newLoop("leader"),
            seat,
            seat,
            journal,
            replica,
            this::term,
            Duration.ofSeconds(30),
            state -> world.trace().say(endpoint.host(), state.name()),
            this::stuck);
    private @Nullable AuroraAdmin api;
    private boolean cutAtNextCall;
    private @Nullable RoughDriver driver;

    Life() {
      replica.observe(
          new Replica.Observer() {
            @Override
            public void onState(State state) {
              world.truth().guard(() -> world.truth().shown(endpoint.host(), state));
            }
          });
      journal.follow(replica).thenAccept(following -> leader.start());
    }

    private void died() {
      world.trace().say(endpoint.host(), "dies");
      connection.die();
      seat.die();
    }

    private void stuck(String reason) {
      world.trace().say(endpoint.host(), "ends: " + reason);
      process.die();
    }

    private boolean mayAnswer() {
      return leader.state() == LifecycleState.ACTIVE
          && journal.status().isHeard(process.clock().nanoTime());
    }

    private Term term(long epoch, Consumer<String> stepDown) {
      world.trace().say(endpoint.host(), "leads with epoch " + epoch);
      RoughDriver next =
          new RoughDriver(
              world.cluster().session(),
              process,
              world.network(),
              world.random(),
              world::isRough,
              world.truth(),
              world.newestEpoch());
      driver = next;
      Injector term =
          graph.createChildInjector(
              Modules.override(
                      new TermModule(
                          loops,
                          endpoint.host(),
                          new TermModule.Chance(this::uuid, world.random()::nextDouble),
                          stepDown::accept))
                  .with(
                      new AbstractModule() {
                        @Override
                        protected void configure() {
                          bind(ClusterDriver.class).toInstance(next);
                        }
                      }));
      return new LeaderTerm(epoch, term, loops.writer(), serving -> api = serving);
    }

    private UUID uuid() {
      return new UUID(world.random().nextLong(), world.random().nextLong());
    }

    /** What lies outside of the process. */
    private final class Surroundings extends AbstractModule {
      @Override
      protected void configure() {
        bind(Journal.class).toInstance(journal);
        bind(CoordinatorHttp.class).toInstance(world.coordinators());
        bind(SimulatedCluster.class).toInstance(world.cluster());
        bind(Snapshotter.Policy.class).toInstance(world.snapshots());
      }
    }
  }
}
