package ai.llmd.epp.domain.pool;

import java.util.Map;

/**
 * An address that serves requests: a pod, one data-parallel rank of it, or an entry of a file.
 *
 * @param id the identity, kept over changes of the other components
 * @param podName the pod's or entry's own name, without a rank
 * @param address IPv4 or IPv6 literal without brackets
 * @param port 0 to 65535; discovery gives no 0, but a plugin that rewrites ports may be configured
 *     to
 * @param metricsHost {@code host:port} at which the metrics are scraped, IPv6 in brackets
 * @param labels Kubernetes labels, or those of the file
 * @param rank data-parallel rank, 0 when there is one only
 * @param nodeAddress IPv4 or IPv6 literal of the node that it runs on, without brackets; empty when
 *     that is not known
 * @param hostname the host name that the pod has asked for ({@code spec.hostname}); empty when it
 *     has asked for none
 */
public record Endpoint(
    EndpointId id,
    String podName,
    String address,
    int port,
    String metricsHost,
    Map<String, String> labels,
    int rank,
    String nodeAddress,
    String hostname) {

  public Endpoint {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be within 0 and 65535, was " + port);
    }
    labels = Map.copyOf(labels);
  }

  /** An endpoint that has asked for no host name. */
  public Endpoint(
      EndpointId id,
      String podName,
      String address,
      int port,
      String metricsHost,
      Map<String, String> labels,
      int rank,
      String nodeAddress) {
    this(id, podName, address, port, metricsHost, labels, rank, nodeAddress, "");
  }

  /** An endpoint whose node is not known. */
  public Endpoint(
      EndpointId id,
      String podName,
      String address,
      int port,
      String metricsHost,
      Map<String, String> labels,
      int rank) {
    this(id, podName, address, port, metricsHost, labels, rank, "");
  }

  /** An endpoint whose metrics are served beside its requests. */
  public static Endpoint of(EndpointId id, String address, int port, Map<String, String> labels) {
    return new Endpoint(id, id.name(), address, port, hostPort(address, port), labels, 0);
  }

  /** The same endpoint, asked at another port. */
  public Endpoint withPort(int newPort) {
    return new Endpoint(
        id, podName, address, newPort, metricsHost, labels, rank, nodeAddress, hostname);
  }

  /** {@code address:port}, an IPv6 address in brackets: what Envoy dials. */
  public String hostPort() {
    return hostPort(address, port);
  }

  /** Joins an address and a port, with brackets around an IPv6 address. */
  public static String hostPort(String address, int port) {
    return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
  }
}
