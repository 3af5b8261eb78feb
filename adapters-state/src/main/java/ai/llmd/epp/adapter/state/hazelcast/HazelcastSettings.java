package ai.llmd.epp.adapter.state.hazelcast;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Who belongs to the Hazelcast cluster, and how long to wait for it.
 *
 * @param members addresses, {@code host} or {@code host:port}; all replicas may have the same list.
 *     Without {@code port}, a replica listens at the first free one of those that are its own
 * @param serviceDns name of a headless Kubernetes service whose addresses are the members; empty
 *     when they are listed
 * @param port where this replica listens, and the default for members; 0 when it is not given,
 *     which means 5701 for an address without one
 * @param clientMode whether the replica only calls a cluster that others form
 * @param acceptsClients whether replicas in {@code clientMode} may call this one
 * @param clusterName name of the cluster; empty for one that carries the pool
 * @param clusterSecret what only replicas know; the name of the cluster ends with its hash. Empty
 *     for none
 * @param timeout bound on an answer, beside the time that a read may wait, 10 ms to 1 min
 * @param maxEntries bound on the log; the oldest goes when it is full; 1000 to 10 million
 */
public record HazelcastSettings(
    List<String> members,
    String serviceDns,
    int port,
    boolean clientMode,
    boolean acceptsClients,
    String clusterName,
    String clusterSecret,
    Duration timeout,
    int maxEntries) {

  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
  public static final int DEFAULT_MAX_ENTRIES = 100_000;

  static final int DEFAULT_PORT = 5701;

  private static final Pattern MEMBER =
      Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:\\s]+)(?::(\\d{1,5}))?");
  private static final int LEAST_ENTRIES = 1000;
  private static final int MAX_ENTRIES = 10_000_000;

  public HazelcastSettings {
    members = List.copyOf(members);
    if (members.isEmpty() == serviceDns.isEmpty()) {
      throw new IllegalArgumentException("needs either members or serviceDns");
    }
    requireBounds(members, port, timeout, maxEntries);
  }

  /** Defaults for a list of members. */
  public static HazelcastSettings of(List<String> members) {
    return new HazelcastSettings(
        members, "", 0, false, false, "", "", DEFAULT_TIMEOUT, DEFAULT_MAX_ENTRIES);
  }

  /** All but the secret. */
  @Override
  public String toString() {
    return "HazelcastSettings[" + address() + ", port " + port + "]";
  }

  /** Where the cluster is, for the operator. */
  String address() {
    return serviceDns.isEmpty() ? String.join(",", members) : serviceDns;
  }

  /** Refuses what is wrong whoever belongs to the cluster. */
  static void requireBounds(List<String> members, int port, Duration timeout, int maxEntries) {
    members.forEach(HazelcastSettings::requireMember);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be 1 to 65535, was " + port);
    }
    if (timeout.toMillis() < 10 || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          "timeout must be 10ms to 1m, was " + timeout.toMillis() + "ms");
    }
    if (maxEntries < LEAST_ENTRIES || maxEntries > MAX_ENTRIES) {
      throw new IllegalArgumentException("maxEntries must be 1000 to 10000000, was " + maxEntries);
    }
  }

  private static void requireMember(String member) {
    var form = MEMBER.matcher(member);
    if (!form.matches()
        || (form.group(2) != null
            && (Integer.parseInt(form.group(2)) < 1 || Integer.parseInt(form.group(2)) > 65535))) {
      throw new IllegalArgumentException(
          "a member must be host or host:port, was \"" + member + '"');
    }
  }
}
