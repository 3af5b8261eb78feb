package ai.llmd.epp.adapter.state.hazelcast;

import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientConnectionStrategyConfig;
import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.InterfacesConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.KubernetesConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.RingbufferConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.spi.merge.DiscardMergePolicy;
import java.time.Duration;
import java.util.Map;

/**
 * Hazelcast as little of it as is needed: no discovery but what is named, no statistics, no calls
 * home, few threads, and short patience with members that are gone. Nobody is let in but other
 * members, and clients if there are to be some; nothing that they send is made an object of.
 */
final class HazelcastConfiguration {

  /** Seconds without a sign of life, after which a member is no longer one. */
  static final int MAX_SILENT_SECONDS = 5;

  /** Long enough for what members do among themselves; our own calls wait for less. */
  private static final int CALL_TIMEOUT_MILLIS = 5000;

  private static final int JOIN_CONNECT_SECONDS = 2;
  private static final int CLIENT_CONNECT_MILLIS = 5000;

  private static final String LOOPBACK = "127.0.0.1";

  /** What decides when members that started side by side, or were parted, find together. */
  private static final String MERGE_SECONDS = "1";

  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          Map.entry("hazelcast.logging.type", "slf4j"),
          Map.entry("hazelcast.phone.home.enabled", "false"),
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          Map.entry("hazelcast.socket.bind.any", "false"),
          Map.entry("hazelcast.health.monitoring.level", "OFF"),
          Map.entry("hazelcast.wait.seconds.before.join", "0"),
          Map.entry("hazelcast.max.wait.seconds.before.join", "1"),
          Map.entry("hazelcast.max.join.seconds", "20"),
          Map.entry("hazelcast.merge.first.run.delay.seconds", MERGE_SECONDS),
          Map.entry("hazelcast.merge.next.run.delay.seconds", MERGE_SECONDS),
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.max.no.heartbeat.seconds", Integer.toString(MAX_SILENT_SECONDS)),
          Map.entry(
              "hazelcast.operation.call.timeout.millis", Integer.toString(CALL_TIMEOUT_MILLIS)),
          Map.entry("hazelcast.operation.backup.timeout.millis", "1000"),
          Map.entry("hazelcast.graceful.shutdown.max.wait", "3"),
          Map.entry("hazelcast.partition.count", "31"),
          Map.entry("hazelcast.operation.thread.count", "2"),
          Map.entry("hazelcast.operation.generic.thread.count", "2"),
          Map.entry("hazelcast.io.thread.count", "1"),
          Map.entry("hazelcast.event.thread.count", "1"),
          Map.entry("hazelcast.clientengine.thread.count", "1"));

  private final HazelcastSettings settings;
  private final HazelcastNames names;
  private final Duration retention;

  HazelcastConfiguration(HazelcastSettings settings, HazelcastNames names, Duration retention) {
    this.settings = settings;
    this.names = names;
    this.retention = retention;
  }

  Config member(LocalAddress address) {
    Config config = new Config();
    PROPERTIES.forEach(config::setProperty);
    config.setClusterName(names.cluster(settings));
    config.getJetConfig().setEnabled(false);
    config.getMetricsConfig().setEnabled(false);
    config.addRingBufferConfig(log());
    config.addMapConfig(snapshot());
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(HazelcastClasses.filter(settings.acceptsClients()));
    config
        .getManagementCenterConfig()
        .setScriptingEnabled(false)
        .setConsoleEnabled(false)
        .setDataAccessEnabled(false)
        .addTrustedInterface(LOOPBACK);
    if (settings.acceptsClients()) {
      listenToAll(address, config);
    } else {
      listenToMembers(address, config);
    }
    if (address.host() != null && !settings.serviceDns().isEmpty()) {
      config.setProperty("hazelcast.local.localAddress", address.host());
    }
    return config;
  }

  private void listenToAll(LocalAddress address, Config config) {
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(address.port()).setPortAutoIncrement(false).setReuseAddress(true);
    network.setInterfaces(interfaces(address));
    join(network.getJoin());
  }

  /** An endpoint of one protocol refuses clients, REST and whatever else is spoken on the port. */
  private void listenToMembers(LocalAddress address, Config config) {
    ServerSocketEndpointConfig members = new ServerSocketEndpointConfig();
    members.setPort(address.port()).setPortAutoIncrement(false).setReuseAddress(true);
    members.setInterfaces(interfaces(address));
    AdvancedNetworkConfig network = config.getAdvancedNetworkConfig();
    network.setEnabled(true).setMemberEndpointConfig(members);
    join(network.getJoin());
  }

  /**
   * By the name that the list of members has for the address, if any; discovery finds plain
   * addresses, and they may be ones that no interface lists.
   */
  private InterfacesConfig interfaces(LocalAddress address) {
    InterfacesConfig interfaces = new InterfacesConfig();
    if (address.host() != null && settings.serviceDns().isEmpty()) {
      interfaces.setEnabled(true).addInterface(address.host());
    }
    return interfaces;
  }

  private void join(JoinConfig join) {
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    if (settings.serviceDns().isEmpty()) {
      join.getTcpIpConfig()
          .setEnabled(true)
          .setConnectionTimeoutSeconds(JOIN_CONNECT_SECONDS)
          .setMembers(settings.members());
    } else {
      kubernetes(join.getKubernetesConfig());
    }
  }

  private void kubernetes(KubernetesConfig kubernetes) {
    kubernetes
        .setEnabled(true)
        .setProperty("service-dns", settings.serviceDns())
        .setProperty("service-dns-timeout", Integer.toString(JOIN_CONNECT_SECONDS));
    if (settings.port() != 0) {
      kubernetes.setProperty("service-port", Integer.toString(settings.port()));
    }
  }

  ClientConfig client() {
    ClientConfig config = new ClientConfig();
    config.setClusterName(names.cluster(settings));
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.client.invocation.timeout.seconds", "2");
    config.setProperty("hazelcast.client.heartbeat.interval", "1000");
    config.setProperty(
        "hazelcast.client.heartbeat.timeout", Integer.toString(MAX_SILENT_SECONDS * 1000));
    config.setProperty("hazelcast.client.io.input.thread.count", "1");
    config.setProperty("hazelcast.client.io.output.thread.count", "1");
    config.getMetricsConfig().setEnabled(false);
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(HazelcastClasses.filter(false));
    if (settings.serviceDns().isEmpty()) {
      config.getNetworkConfig().setAddresses(settings.members());
    } else {
      kubernetes(config.getNetworkConfig().getKubernetesConfig());
    }
    config
        .getConnectionStrategyConfig()
        .setReconnectMode(ClientConnectionStrategyConfig.ReconnectMode.ASYNC)
        .getConnectionRetryConfig()
        .setInitialBackoffMillis(100)
        .setMaxBackoffMillis(1000)
        .setClusterConnectTimeoutMillis(CLIENT_CONNECT_MILLIS);
    return config;
  }

  RingbufferConfig log() {
    return new RingbufferConfig(names.log())
        .setCapacity(settings.maxEntries())
        .setBackupCount(1)
        .setTimeToLiveSeconds((int) retention.toSeconds())
        .setInMemoryFormat(InMemoryFormat.BINARY)
        .setMergePolicyConfig(largerSideWins());
  }

  MapConfig snapshot() {
    return new MapConfig(names.snapshot())
        .setBackupCount(1)
        .setInMemoryFormat(InMemoryFormat.BINARY)
        .setStatisticsEnabled(false)
        .setMergePolicyConfig(largerSideWins());
  }

  /** Merged logs would have an order that no reader has seen; readers notice the gap instead. */
  private static MergePolicyConfig largerSideWins() {
    return new MergePolicyConfig().setPolicy(DiscardMergePolicy.class.getName());
  }
}
