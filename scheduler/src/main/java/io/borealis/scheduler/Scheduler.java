package io.borealis.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.inject.Guice;
import com.google.inject.Injector;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.ServerInfo;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.agents.AgentEndpoints;
import io.borealis.scheduler.agents.AgentsPage;
import io.borealis.scheduler.events.UpdateStreams;
import io.borealis.scheduler.http.ExplanationJson;
import io.borealis.scheduler.http.LeaderPaths;
import io.borealis.scheduler.http.LockPages;
import io.borealis.scheduler.http.MaintenancePage;
import io.borealis.scheduler.http.MeteredHttp;
import io.borealis.scheduler.http.Pages;
import io.borealis.scheduler.http.Readings;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.leader.Discovery;
import io.borealis.scheduler.leader.LatchElection;
import io.borealis.scheduler.leader.LeaderService;
import io.borealis.scheduler.leader.LifecycleState;
import io.borealis.scheduler.maintenance.DrainWait;
import io.borealis.scheduler.rpc.LockHandler;
import io.borealis.scheduler.rpc.SchedulerApi;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.Replica;
import io.borealis.thrift.AuditLog;
import io.borealis.thrift.Call;
import io.borealis.thrift.CallContexts;
import io.borealis.thrift.Dispatcher;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.HttpServer;
import io.borealis.thrift.Interceptors;
import io.borealis.thrift.JsonEndpoint;
import io.borealis.thrift.LeaderLocation;
import io.borealis.thrift.LeaderRedirect;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.Router;
import io.borealis.thrift.ThriftEndpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One scheduler process: its HTTP server, its journal, its candidacy, and, while it leads, a term.
 * Start and stop it once, from one thread.
 */
public final class Scheduler {
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
  private static final Duration STEP_DOWN_LIMIT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final DaemonSettings settings;
  private final Runtimes runtimes;
  private final Clock clock;
  private final Events events;
  private final EventLoop deadlines;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter uncaught = meters.counter("uncaught_exceptions");
  private final Injector graph;
  private final Journal journal;
  private final Replica replica;
  private final UpdateStreams streams;
  private final ZooKeeperClient zooKeeper;
  private final Executor blocking;
  private final Discovery discovery;
  private final HttpServer http;
  private final Endpoints endpoints;
  private volatile @Nullable SchedulerApi serving;
  private volatile @Nullable LeaderService leader;
  private volatile boolean stopping;

  /** What is worth telling the operator. Called on any thread; must not block. */
  public interface Events {
    /** The ensemble has not answered so far; the process keeps trying. */
    void waiting(String connect);

    /** This process leads. */
    void leading(Endpoint here);

    /** This process stands by; the leader is known or not. */
    void standingBy(Optional<Endpoint> leader);

    /** The process cannot go on and should end. */
    void fatal(String reason);
  }

  /** What takes calls in. */
  private record Endpoints(HttpHandler thrift, HttpHandler json, LockPages locks) {}

  /** Builds a scheduler; nothing runs yet. */
  public Scheduler(DaemonSettings settings, Runtimes runtimes, Events events) {
    this.settings = settings;
    this.runtimes = runtimes;
    this.clock = runtimes.clock();
    this.events = events;
    this.deadlines = runtimes.newLoop("deadlines");
    this.graph = Guice.createInjector(new ProcessModule(settings, runtimes, meters));
    this.journal = graph.getInstance(Journal.class);
    this.replica = graph.getInstance(Replica.class);
    this.streams =
        new UpdateStreams(
            replica,
            runtimes.newLoop("events", this::inStreams),
            meters,
            settings.http().maxEventStreams());
    this.zooKeeper = ZooKeeperClient.of(settings.zooKeeper());
    this.blocking = runtimes.newPool("zookeeper", 2);
    this.discovery =
        new Discovery(zooKeeper.curator(), settings.zooKeeper().serversetPath(), blocking);
    this.http =
        new HttpServer(
            settings.http().host(),
            settings.http().port(),
            settings.http().maxBodyBytes(),
            new MeteredHttp(routes(), clock, meters));
    this.endpoints = endpoints();
  }

  /**
   * Starts serving and following; completes once this process stands by.
   *
   * @param clearStale whether nobody else can be there, so that entries of a run that was killed
   *     can be removed at once
   */
  public CompletionStage<Void> start(boolean clearStale) {
    http.start();
    Endpoint here = new Endpoint(settings.http().advertisedHost(), http.port());
    LeaderService service = leaderService(here);
    leader = service;
    Readings.register(
        meters,
        clock,
        service::state,
        service::candidate,
        replica::durable,
        journal,
        settings.updates().stallThreshold());
    discovery.onChange(() -> tell(here));
    EventLoop.Timer patience =
        deadlines.schedule(PATIENCE, () -> events.waiting(settings.zooKeeper().connect()));
    return journal
        .follow(replica)
        .whenComplete((following, failure) -> patience.cancel())
        .thenAccept(
            following -> {
              var unused = journal.whenCaughtUp().thenRun(streams::start);
              zooKeeper.start();
              if (clearStale) {
                clearStale();
              }
              discovery.start();
              service.start();
            });
  }

  private void clearStale() {
    try {
      discovery.removeStale();
    } catch (Exception failure) {
      // They vanish by themselves when their sessions end.
      LOG.warn("Entries of the last run could not be removed", failure);
    }
  }

  private LeaderService leaderService(Endpoint here) {
    EventLoop loop = runtimes.newLoop("leader");
    TermModule.TermLoops loops = TermModule.TermLoops.of(runtimes, this::unexpected);
    String host = settings.http().advertisedHost();
    return new LeaderService(
        new LeaderService.Identity(
            here + " " + UUID.randomUUID(), here, settings.zooKeeper().endpointName()),
        loop,
        new LatchElection(
            zooKeeper.curator(), settings.zooKeeper().serversetPath(), host, blocking, loop),
        discovery,
        journal,
        replica,
        (epoch, stepDown) -> term(epoch, loops, host, stepDown),
        STEP_DOWN_LIMIT,
        state -> tell(here),
        events::fatal);
  }

  /** What is confined to a loop of a term may be half done now: the next term begins anew. */
  private void unexpected(Throwable failure) {
    LOG.error("Unexpected in a term of leadership", failure);
    uncaught.increment();
    LeaderService service = leader;
    if (service != null) {
      service.stepDown("something unexpected happened: " + failure);
    }
  }

  /** Those who only watch do no harm to those who work. */
  private void inStreams(Throwable failure) {
    LOG.error("Unexpected in the streams of events", failure);
    uncaught.increment();
  }

  private LeaderTerm term(
      long epoch, TermModule.TermLoops loops, String host, Consumer<String> stepDown) {
    Injector term =
        graph.createChildInjector(
            new TermModule(loops, host, TermModule.Chance.REAL, stepDown::accept));
    return new LeaderTerm(epoch, term, loops.writer(), api -> serving = api);
  }

  private void tell(Endpoint here) {
    LeaderService service = leader;
    if (service == null || stopping) {
      return;
    }
    if (service.leading()) {
      events.leading(here);
    } else if (service.state() == LifecycleState.STORAGE_PREPARED) {
      events.standingBy(discovery.leader().filter(other -> !other.equals(here)));
    }
  }

  // ---- HTTP ------------------------------------------------------------------------------------

  private HttpHandler routes() {
    Pages pages = new Pages(this::location, meters, clock);
    MaintenancePage maintenance = new MaintenancePage(replica::durable, this::drainWaits);
    HttpHandler thrift = gated(call -> endpoints.thrift().handle(call));
    HttpHandler json = gated(call -> endpoints.json().handle(call));
    HttpHandler noPage =
        call -> CompletableFuture.completedFuture(HttpReply.text(404, "Not found"));
    HttpHandler noPageOfLeader = gated(noPage);
    Router.Builder routes = Router.builder();
    if (settings.cluster().hasAgents()) {
      addAgents(routes);
    }
    return routes
        .exact("/api", thrift)
        .exact("/apibeta", json)
        .prefix("/apibeta/", json)
        .page("/locks", gated(call -> endpoints.locks().list(call)))
        .prefix(LockPages.PREFIX, gated(call -> endpoints.locks().release(call)))
        .page("/maintenance", gated(maintenance::show))
        .prefix("/events", streams)
        .page("/health", pages::health)
        .page("/leaderhealth", pages::leaderHealth)
        .page("/vars", pages::vars)
        .page("/vars.json", pages::varsJson)
        .page("/metrics", pages::metrics)
        .fallback(call -> (LeaderPaths.include(call.path()) ? noPageOfLeader : noPage).handle(call))
        .build();
  }

  /** Agents are told by answers who does not lead; redirects are for clients. */
  private void addAgents(Router.Builder routes) {
    AgentCluster cluster = graph.getInstance(AgentCluster.class);
    AgentEndpoints agents =
        new AgentEndpoints(
            cluster, settings.agents().secret(), runtimes.newPool("agent-replies", 1));
    AgentsPage page = new AgentsPage(cluster, host -> HostMode.of(replica.durable(), host));
    routes
        .exact("/agent/register", agents.register())
        .exact("/agent/poll", agents.poll())
        .exact("/agent/report", agents.report())
        .page("/agents", gated(page::show))
        .page("/slaves", gated(page::show));
  }

  private HttpHandler gated(HttpHandler handler) {
    return new LeaderRedirect(this::location, handler);
  }

  /**
   * Leading needs our own state as well as the entry everybody sees, and that ZooKeeper hears us:
   * otherwise another may lead already.
   */
  private LeaderLocation location() {
    LeaderService service = leader;
    Optional<Endpoint> advertised = discovery.leader();
    if (service == null || advertised.isEmpty()) {
      return new LeaderLocation.None();
    } else if (service.leading() && heard()) {
      return new LeaderLocation.Self();
    }
    Endpoint other = advertised.get();
    boolean here =
        other.host().equals(settings.http().advertisedHost()) && other.port() == http.port();
    return here ? new LeaderLocation.None() : new LeaderLocation.Other(other.host(), other.port());
  }

  private Endpoints endpoints() {
    AuditLog audit = AuditLog.toLogger();
    Duration grace = Duration.ofSeconds(1);
    // A write knows best how it ended: the clock of last resort is one second late.
    Dispatcher dispatcher =
        new Dispatcher(
            this::serve,
            Interceptors.standard(
                new ServerInfo(settings.cluster().name(), settings.http().statsUrlPrefix()),
                meters,
                audit,
                this::refusal,
                this::timer,
                () -> clock.nanoTime() - grace.toNanos()));
    CallContexts contexts =
        new CallContexts(
            call -> "UNSECURE",
            () -> UUID.randomUUID().toString(),
            clock::nanoTime,
            settings.http().requestDeadline());
    return new Endpoints(
        new ThriftEndpoint(dispatcher, contexts),
        new JsonEndpoint("/apibeta", dispatcher, contexts, this::explain),
        new LockPages(replica::durable, this::locks, contexts, audit));
  }

  /** The JSON mirror also says what the updates in an answer wait for. */
  private void explain(Response response, ObjectNode answer) {
    SchedulerApi api = serving;
    if (api != null) {
      ExplanationJson.add(api.explain(response), clock.wallMillis(), answer);
    }
  }

  /** The refusal comes first; a term may still end between the two. */
  private CompletionStage<Response> serve(Call<?> call) {
    SchedulerApi api = serving;
    return api == null ? CompletableFuture.completedFuture(notReady()) : call.on(api);
  }

  private @Nullable LockHandler locks() {
    SchedulerApi api = serving;
    return api == null || refusal().isPresent() ? null : api.locks();
  }

  private ImmutableList<DrainWait> drainWaits() {
    SchedulerApi api = serving;
    return api == null ? ImmutableList.of() : api.drainWaits();
  }

  /** Only a leader that is heard by ZooKeeper knows that nobody else has taken over. */
  private Optional<Response> refusal() {
    LeaderService service = leader;
    if (service != null && service.state() == LifecycleState.ACTIVE && heard()) {
      return Optional.empty();
    }
    return Optional.of(notReady());
  }

  private static Response notReady() {
    return Response.builder()
        .responseCode(ResponseCode.ERROR_TRANSIENT)
        .details(ImmutableList.of(new ResponseDetail("Storage is not READY")))
        .build();
  }

  private boolean heard() {
    return journal.status().isHeard(clock.nanoTime());
  }

  private Runnable timer(Duration delay, Runnable action) {
    return deadlines.schedule(delay, action)::cancel;
  }

  /** Where the HTTP server listens. */
  public int port() {
    return http.port();
  }

  /** Hands over if leading, and stops everything; completes when that is done. */
  public CompletionStage<Void> stop() {
    stopping = true;
    streams.close();
    LeaderService service = leader;
    CompletionStage<Void> stopped =
        service == null ? CompletableFuture.completedFuture(null) : service.stop();
    return stopped.whenComplete(
        (done, failure) -> {
          http.close();
          discovery.close();
          journal.close();
          zooKeeper.close();
        });
  }
}
