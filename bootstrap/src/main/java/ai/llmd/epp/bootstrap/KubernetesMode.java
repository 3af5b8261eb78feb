package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.k8s.Cluster;
import ai.llmd.epp.adapter.k8s.KubernetesPool;
import ai.llmd.epp.adapter.k8s.LabelSelector;
import ai.llmd.epp.adapter.k8s.LeaderLease;
import ai.llmd.epp.adapter.k8s.LeaseSettings;
import ai.llmd.epp.adapter.k8s.MirrorSettings;
import ai.llmd.epp.adapter.k8s.WatchedPool;
import ai.llmd.epp.adapter.k8s.auth.KubernetesAccessReview;
import ai.llmd.epp.adapter.telemetry.meter.KubernetesMeters;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.bootstrap.cli.Options;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints from Kubernetes: the connection, the pool that is followed, and the lease. Nothing else
 * in the program touches the Kubernetes client, so it is loaded only when this is.
 */
final class KubernetesMode implements AutoCloseable, Lifecycle.Surroundings {

  private final KubernetesClient client;
  private final KubernetesPool pool;
  private final String leaseName;
  private final @Nullable LeaderLease lease;
  private final boolean waitsForTheLease;
  private final CompletableFuture<Void> lostLease = new CompletableFuture<>();

  private KubernetesMode(
      KubernetesClient client,
      WatchedPool watched,
      KubernetesPool.Keepers keepers,
      boolean electsLeader,
      boolean populatesStandbys,
      LongSupplier nanoClock) {
    this.client = client;
    this.pool = new KubernetesPool(client, watched, keepers, MirrorSettings.DEFAULTS, nanoClock);
    this.leaseName = "epp-" + watched.namespace() + "-" + watched.name() + ".llm-d.ai";
    this.lease = electsLeader ? lease(watched.namespace(), nanoClock) : null;
    this.waitsForTheLease = electsLeader && !populatesStandbys;
  }

  /**
   * Finds out what to follow and where; connects to nothing yet.
   *
   * @param populatesStandbys feature gate {@code haPopulateNonLeaderDatastore}
   * @throws StartException when the flags and the environment do not say enough
   */
  static KubernetesMode prepare(
      Options options,
      KubernetesPool.Keepers keepers,
      boolean populatesStandbys,
      LongSupplier nanoClock)
      throws StartException {
    WatchedPool watched = watched(options);
    var config =
        Cluster.find(options.kubernetes().kubeconfig())
            .orElseThrow(
                () ->
                    new StartException(
                        "endpoints come from Kubernetes unless dataLayer.discovery names a plugin"
                            + " such as file-discovery, and no API server is configured: set"
                            + " KUBECONFIG, or run in a pod with a service account"));
    return new KubernetesMode(
        Cluster.connect(config),
        watched,
        keepers,
        options.kubernetes().electsLeader(),
        populatesStandbys,
        nanoClock);
  }

  /**
   * The pool that the flags name.
   *
   * @throws StartException when a selector is given and the deployment cannot be told
   */
  static WatchedPool watched(Options options) throws StartException {
    Options.Pool named = options.pool();
    Options.Kubernetes kubernetes = options.kubernetes();
    if (kubernetes.selector().isEmpty()) {
      return new WatchedPool.ByName(named.namespace(), named.name(), named.group());
    }
    String deployment =
        WatchedPool.BySelector.deploymentOf(kubernetes.podName())
            .orElseThrow(
                () ->
                    new StartException(
                        "--endpoint-selector needs POD_NAME to be the name of a deployment's pod,"
                            + " <deployment>-<hash>-<suffix>, was \""
                            + kubernetes.podName()
                            + '"'));
    return new WatchedPool.BySelector(
        named.namespace(),
        deployment,
        LabelSelector.parse(kubernetes.selector()),
        kubernetes.targetPorts());
  }

  private LeaderLease lease(String namespace, LongSupplier nanoClock) {
    return new LeaderLease(
        client,
        namespace,
        leaseName,
        hostName() + "_" + UUID.randomUUID(),
        LeaseSettings.DEFAULTS,
        nanoClock,
        new LeaderLease.Listener() {
          @Override
          public void isLeader() {
            if (waitsForTheLease) {
              pool.start();
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

  /** Follows the pool and seeks the lease from now on; returns at once. */
  void start() {
    if (!waitsForTheLease) {
      pool.start();
    }
    if (lease != null) {
      lease.start();
    }
  }

  /** Completed when the lease that this replica held is lost. */
  CompletableFuture<Void> lostLease() {
    return lostLease;
  }

  /** Lets the API server judge who may read the metrics. */
  AccessReview accessReview(LongSupplier nanoClock) {
    return new KubernetesAccessReview(client, nanoClock);
  }

  /** What can be measured of this. */
  KubernetesMeters meters() {
    return new KubernetesMeters(
        () ->
            pool.statuses().stream()
                .map(
                    status ->
                        new KubernetesMeters.Watch(
                            status.kind(),
                            status.isUpToDate(),
                            status.syncAgeSeconds(),
                            status.lastEventAgeSeconds(),
                            status.events()))
                .toList(),
        () ->
            electsLeader()
                ? List.of(new KubernetesMeters.Leadership(leaseName, isLeader()))
                : List.of());
  }

  @Override
  public boolean isPoolKnown() {
    return pool.isKnown();
  }

  @Override
  public String appProtocol() {
    return pool.appProtocol();
  }

  @Override
  public boolean electsLeader() {
    return lease != null;
  }

  @Override
  public boolean isLeader() {
    return lease == null || lease.isLeader();
  }

  /** Lets another replica lead; open streams are served on. */
  void release() {
    if (lease != null) {
      lease.close();
    }
  }

  @Override
  public void close() {
    release();
    pool.close();
    client.close();
  }
}
