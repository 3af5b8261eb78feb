package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.auth.KubernetesAccessReview;
import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.connection.Cluster;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.DegradationObserver;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints, objectives and rewrites from Kubernetes: the connection, the pool that is followed,
 * and the lease. The start returns before the pool is known.
 */
public final class KubernetesDiscovery implements EndpointDiscovery {

  /**
   * What to follow, and who may.
   *
   * @param electsLeader whether one replica of several serves
   * @param populatesStandbys whether the others follow the pool, too; feature gate {@code
   *     haPopulateNonLeaderDatastore}
   */
  public record Settings(WatchedPool watched, boolean electsLeader, boolean populatesStandbys) {

    private String lease() {
      return electsLeader ? "epp-" + watched.namespace() + "-" + watched.name() + ".llm-d.ai" : "";
    }
  }

  private static final Duration EVENT_CALL = Duration.ofSeconds(5);
  private static final Duration EVENT_RETRY = Duration.ofSeconds(10);

  private final Settings settings;
  private final ApiConnection connection;
  private final LongSupplier nanoClock;
  private final @Nullable LeaderLease lease;
  private final DegradationEvents events;
  private final CompletableFuture<Void> lostLease = new CompletableFuture<>();
  private Supplier<List<ObjectWatch>> wanted = List::of; // before the start
  private volatile @Nullable KubernetesPool pool; // once started

  private KubernetesDiscovery(
      Config config, Settings settings, LongSupplier nanoClock, ThreadObserver threads) {
    this.settings = settings;
    this.connection = ApiConnection.of(config, ApiConnection.PING_EVERY, nanoClock);
    this.nanoClock = nanoClock;
    this.lease = settings.electsLeader ? newLease(threads) : null;
    this.events =
        new DegradationEvents(
            connection.impatient(EVENT_CALL),
            this::subject,
            hostName(),
            EVENT_RETRY,
            InstantSource.system(),
            threads);
  }

  /** What people look at when they look for the pool. */
  private ObjectReference subject() {
    KubernetesPool followed = pool;
    return switch (settings.watched) {
      case WatchedPool.ByName named ->
          reference(
              HasMetadata.getApiVersion(InferencePool.class),
              HasMetadata.getKind(InferencePool.class),
              named,
              followed == null ? null : followed.uid());
      case WatchedPool.BySelector selected -> reference("apps/v1", "Deployment", selected, null);
    };
  }

  private static ObjectReference reference(
      String apiVersion, String kind, WatchedPool watched, @Nullable String uid) {
    return new ObjectReferenceBuilder()
        .withApiVersion(apiVersion)
        .withKind(kind)
        .withNamespace(watched.namespace())
        .withName(watched.name())
        .withUid(uid)
        .build();
  }

  /**
   * Finds the API server, and connects to nothing yet.
   *
   * @param kubeconfig a file; empty for what the environment names
   * @return empty when no API server is configured
   * @throws DiscoveryException when what is configured cannot be used
   */
  public static Optional<EndpointDiscovery> find(
      String kubeconfig, Settings settings, LongSupplier nanoClock, ThreadObserver threads)
      throws DiscoveryException {
    try {
      return Cluster.find(kubeconfig)
          .map(config -> new KubernetesDiscovery(config, settings, nanoClock, threads));
    } catch (IOException | IllegalArgumentException e) {
      throw new DiscoveryException(String.valueOf(e.getMessage()));
    }
  }

  private LeaderLease newLease(ThreadObserver threads) {
    return new LeaderLease(
        connection,
        settings.watched.namespace(),
        settings.lease(),
        hostName() + "_" + UUID.randomUUID(),
        LeaseSettings.DEFAULTS,
        nanoClock,
        threads,
        new LeaderLease.Listener() {
          @Override
          public void isLeader() {
            if (isWaitingForTheLease()) {
              follow();
            }
          }

          @Override
          public void hasLost() {
            lostLease.complete(null);
          }
        });
  }

  private static String hostName() {
    String name = System.getenv("HOSTNAME");
    return name == null || name.isEmpty() ? "epp" : name;
  }

  private boolean isWaitingForTheLease() {
    return settings.electsLeader && !settings.populatesStandbys;
  }

  @Override
  public void watch(Supplier<List<ObjectWatch>> wanted) {
    this.wanted = wanted;
  }

  /** Follows the pool and seeks the lease from now on; returns at once. */
  @Override
  public void start(Keepers keepers) {
    KubernetesPool followed =
        new KubernetesPool(
            connection, settings.watched, keepers, MirrorSettings.DEFAULTS, nanoClock);
    followed.watch(wanted);
    pool = followed;
    if (!isWaitingForTheLease()) {
      follow();
    }
    if (lease != null) {
      lease.start();
    }
    events.start();
  }

  private void follow() {
    KubernetesPool prepared = pool;
    if (prepared != null) {
      prepared.start();
    }
  }

  @Override
  public boolean isPoolKnown() {
    KubernetesPool followed = pool;
    return followed != null && followed.isKnown();
  }

  @Override
  public String appProtocol() {
    KubernetesPool followed = pool;
    return followed == null ? "" : followed.appProtocol();
  }

  @Override
  public List<WatchStatus> watches() {
    KubernetesPool followed = pool;
    return followed == null ? List.of() : followed.statuses();
  }

  @Override
  public String lease() {
    return settings.lease();
  }

  @Override
  public boolean isLeader() {
    return lease == null || lease.isLeader();
  }

  @Override
  public CompletableFuture<Void> lostLease() {
    return lostLease;
  }

  /** Lets another replica lead; open streams are served on. */
  @Override
  public void release() {
    if (lease != null) {
      lease.close();
    }
  }

  @Override
  public Optional<AccessReview> accessReview() {
    return Optional.of(new KubernetesAccessReview(connection.client(), nanoClock));
  }

  @Override
  public Optional<DegradationObserver> events() {
    return Optional.of(events);
  }

  @Override
  public void close() {
    events.close();
    release();
    KubernetesPool followed = pool;
    if (followed != null) {
      followed.close();
    }
    connection.close();
  }
}
