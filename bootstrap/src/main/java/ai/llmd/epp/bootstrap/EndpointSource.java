package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.k8s.KubernetesDiscovery;
import ai.llmd.epp.adapter.k8s.LabelSelector;
import ai.llmd.epp.adapter.k8s.WatchedPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Where endpoints come from: the plugin that the configuration names, and without one Kubernetes,
 * whose client is loaded only then.
 *
 * @param discovery not started
 * @param owned closes what the configuration does not close
 */
record EndpointSource(EndpointDiscovery discovery, AutoCloseable owned) implements AutoCloseable {

  private static final String DEFAULT_POOL = "epp";

  /**
   * Finds out what to follow and where; connects to nothing yet.
   *
   * @throws StartException when the flags and the environment do not suffice
   */
  static EndpointSource of(
      Options options,
      EffectiveConfiguration configuration,
      LongSupplier nanoClock,
      ThreadObserver threads)
      throws StartException {
    if (configuration.dataLayer().discovery().isPresent()) {
      return new EndpointSource(configuration.dataLayer().discovery().get().plugin(), () -> {});
    }
    EndpointDiscovery kubernetes =
        kubernetes(options, configuration, nanoClock, threads)
            .orElseThrow(
                () ->
                    new StartException(
                        "endpoints come from Kubernetes unless dataLayer.discovery names a plugin"
                            + " such as file-discovery, and no API server is configured: set"
                            + " KUBECONFIG, or run in a pod with a service account"));
    return new EndpointSource(kubernetes, kubernetes);
  }

  private static Optional<EndpointDiscovery> kubernetes(
      Options options,
      EffectiveConfiguration configuration,
      LongSupplier nanoClock,
      ThreadObserver threads)
      throws StartException {
    try {
      return KubernetesDiscovery.find(
          options.kubernetes().kubeconfig(),
          new KubernetesDiscovery.Settings(
              watched(options),
              options.kubernetes().electsLeader(),
              configuration.featureGates().haPopulateNonLeaderDatastore()),
          nanoClock,
          threads);
    } catch (DiscoveryException e) {
      throw new StartException("endpoints: " + e.getMessage());
    }
  }

  /**
   * Looks at the flags alone.
   *
   * @throws StartException when they do not suffice, or contradict the configuration
   */
  static void check(Options options, EffectiveConfiguration configuration) throws StartException {
    if (configuration.dataLayer().discovery().isPresent()) {
      return;
    }
    if (options.objects().areGiven()) {
      throw new StartException(
          "--objectives-file and --rewrites-file are for endpoints from a file; with endpoints from"
              + " Kubernetes, objectives and rewrites come from Kubernetes too");
    }
    watched(options);
  }

  /**
   * The pool's name in metrics; a pool that is only selected bears its deployment's.
   *
   * @throws StartException as {@link #check} does
   */
  static String poolName(Options options, EffectiveConfiguration configuration)
      throws StartException {
    check(options, configuration);
    if (configuration.dataLayer().discovery().isEmpty()) {
      return watched(options).name();
    }
    return options.pool().name().isEmpty() ? DEFAULT_POOL : options.pool().name();
  }

  private static WatchedPool watched(Options options) throws StartException {
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

  @Override
  public void close() throws Exception {
    owned.close();
  }
}
