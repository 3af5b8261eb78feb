package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pool that follows an API server, and what has come of it. */
final class Following implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How often watches are pinged here. */
  static final Duration PING_EVERY = Duration.ofMillis(400);

  /** The real ones, impatient. */
  static final MirrorSettings QUICK =
      new MirrorSettings(
          Duration.ofMillis(50),
          Duration.ofMillis(5),
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofMinutes(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(20),
          Duration.ofMillis(50),
          Duration.ofMillis(500),
          Duration.ofSeconds(1));

  private final ApiConnection connection;
  private final LivePool live =
      new LivePool(
          Pools.NAME,
          List.of(),
          (point, type, name, failure) -> {
            throw new AssertionError(failure);
          });
  private final AtomicReference<List<InferenceObjective>> objectives =
      new AtomicReference<>(List.of());
  private final AtomicReference<List<ModelRewrite>> rewrites = new AtomicReference<>(List.of());
  private final AtomicReference<@Nullable List<ModelRewrite>> rewritesAtFirst =
      new AtomicReference<>();
  final KubernetesPool pool;

  private Following(
      ApiServer server,
      WatchedPool watched,
      MirrorSettings settings,
      UnaryOperator<KeepPool> around,
      Supplier<List<ObjectWatch>> objects) {
    connection = ApiConnection.of(server.config(), PING_EVERY, System::nanoTime);
    pool =
        new KubernetesPool(
            connection,
            watched,
            new EndpointDiscovery.Keepers(
                around.apply(before(this::noteRewrites, live)),
                kept -> objectives.set(List.copyOf(kept)),
                kept -> rewrites.set(List.copyOf(kept))),
            settings,
            System::nanoTime);
    pool.watch(objects);
    pool.start();
  }

  private void noteRewrites(Collection<Endpoint> put) {
    if (!put.isEmpty()) {
      rewritesAtFirst.compareAndSet(null, rewrites.get());
    }
  }

  /** A pool that does something with what comes before it takes it. */
  static KeepPool before(Consumer<Collection<Endpoint>> first, KeepPool pool) {
    return new KeepPool() {
      @Override
      public void keep(Collection<Endpoint> endpoints) {
        first.accept(endpoints);
        pool.keep(endpoints);
      }

      @Override
      public void change(Collection<EndpointId> gone, Collection<Endpoint> put) {
        first.accept(put);
        pool.change(gone, put);
      }
    };
  }

  static Following start(ApiServer server) {
    return start(server, Pools.WATCHED);
  }

  static Following start(ApiServer server, WatchedPool watched) {
    return start(server, watched, QUICK);
  }

  static Following start(ApiServer server, WatchedPool watched, MirrorSettings settings) {
    return new Following(server, watched, settings, pool -> pool, List::of);
  }

  /** With an observer between the pool and what keeps it. */
  static Following start(ApiServer server, UnaryOperator<KeepPool> around) {
    return new Following(server, Pools.WATCHED, QUICK, around, List::of);
  }

  /** With objects that plugins learn from. */
  static Following start(ApiServer server, Supplier<List<ObjectWatch>> objects) {
    return new Following(server, Pools.WATCHED, QUICK, pool -> pool, objects);
  }

  PoolSnapshot snapshot() {
    return live.current();
  }

  List<Endpoint> endpoints() {
    PoolSnapshot now = live.current();
    return IntStream.range(0, now.size()).mapToObj(now::member).map(m -> m.endpoint()).toList();
  }

  List<String> names() {
    return endpoints().stream().map(endpoint -> endpoint.id().name()).sorted().toList();
  }

  /** The only endpoint of this pod. */
  EndpointState member(String pod) {
    PoolSnapshot now = live.current();
    return IntStream.range(0, now.size())
        .mapToObj(now::member)
        .filter(member -> member.endpoint().podName().equals(pod))
        .findAny()
        .orElseThrow();
  }

  List<InferenceObjective> objectives() {
    return objectives.get();
  }

  List<ModelRewrite> rewrites() {
    return rewrites.get();
  }

  /** Those that were in force when requests found a first endpoint. */
  @Nullable List<ModelRewrite> rewritesAtFirstEndpoint() {
    return rewritesAtFirst.get();
  }

  void awaitKnown() {
    await().atMost(PATIENCE).until(pool::isKnown);
  }

  void awaitNames(String... expected) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(names()).containsExactly(expected));
  }

  void awaitSize(int expected) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(snapshot().size()).isEqualTo(expected));
  }

  WatchStatus status(String kind) {
    return pool.statuses().stream()
        .filter(status -> status.kind().equals(kind))
        .findAny()
        .orElseThrow();
  }

  void awaitUpToDate(String kind, boolean expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pool.statuses()) // has none of pods before the pool is known
                    .anyMatch(
                        status -> status.kind().equals(kind) && status.isUpToDate() == expected));
  }

  @Override
  public void close() {
    pool.close();
    connection.close();
  }
}
