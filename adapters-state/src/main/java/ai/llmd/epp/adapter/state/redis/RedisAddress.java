package ai.llmd.epp.adapter.state.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where Redis is, as {@code redis://host:port/database} or {@code
 * redis-sentinel://host,host:port/primary}; {@code rediss} instead of {@code redis} for TLS.
 *
 * @param kind what answers at the nodes
 * @param isTls whether connections are encrypted
 * @param nodes one server, or the first that are asked; one or more
 * @param primary name that the sentinels know the primary by; empty when there are none
 * @param database number within the server; 0 in a cluster and behind sentinels
 */
public record RedisAddress(
    Kind kind, boolean isTls, List<Node> nodes, String primary, int database) {

  private static final Pattern FORM =
      Pattern.compile("(redis|rediss|redis-sentinel|rediss-sentinel)://([^/?#]+)(?:/([^/?#]*))?");
  private static final Pattern NODE =
      Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:@\\s]+)(?::(\\d{1,5}))?");
  private static final String EXAMPLE =
      "must be an address such as redis://host:6379 or redis-sentinel://host1,host2/primary";
  private static final int SERVER_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /** What answers at an address. */
  public enum Kind {
    SERVER,
    SENTINEL,
    CLUSTER
  }

  /** One process. */
  public record Node(String host, int port) {

    @Override
    public String toString() {
      return host + ':' + port;
    }
  }

  public RedisAddress {
    nodes = List.copyOf(nodes);
  }

  /**
   * Reads an address.
   *
   * @param isCluster whether the nodes are some of a cluster
   * @throws IllegalArgumentException names what is wrong, without what may be a password
   */
  public static RedisAddress parse(String uri, boolean isCluster) {
    if (uri.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "must hold no credentials; use username and passwordFile or passwordEnv");
    }
    Matcher form = FORM.matcher(uri);
    if (!form.matches()) {
      throw new IllegalArgumentException(EXAMPLE + ", was \"" + uri + '"');
    }
    boolean isSentinel = form.group(1).endsWith("sentinel");
    boolean isTls = form.group(1).startsWith("rediss");
    List<Node> nodes = nodes(form.group(2), isSentinel ? SENTINEL_PORT : SERVER_PORT);
    String path = form.group(3) == null ? "" : form.group(3);
    if (isSentinel) {
      if (path.isEmpty() || isCluster) {
        throw new IllegalArgumentException(
            isCluster ? "sentinels watch no cluster" : EXAMPLE + "; the primary's name is missing");
      }
      return new RedisAddress(Kind.SENTINEL, isTls, nodes, path, 0);
    }
    int database = database(path);
    if (isCluster && database != 0) {
      throw new IllegalArgumentException("a cluster has database 0 only, was " + database);
    }
    if (!isCluster && nodes.size() > 1) {
      throw new IllegalArgumentException("more than one server needs cluster: true");
    }
    return new RedisAddress(isCluster ? Kind.CLUSTER : Kind.SERVER, isTls, nodes, "", database);
  }

  private static List<Node> nodes(String text, int defaultPort) {
    List<Node> nodes = new ArrayList<>();
    for (String one : text.split(",", -1)) {
      Matcher node = NODE.matcher(one);
      int port =
          !node.matches()
              ? 0
              : node.group(2) == null ? defaultPort : Integer.parseInt(node.group(2));
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException(EXAMPLE + "; \"" + one + "\" is no host and port");
      }
      nodes.add(new Node(node.group(1), port));
    }
    return nodes;
  }

  private static int database(String path) {
    if (!path.matches("\\d{0,4}")) {
      throw new IllegalArgumentException("the database must be a number, was \"" + path + '"');
    }
    return path.isEmpty() ? 0 : Integer.parseInt(path);
  }

  /** As it is written. */
  @Override
  public String toString() {
    String scheme = (isTls ? "rediss" : "redis") + (kind == Kind.SENTINEL ? "-sentinel" : "");
    String path = kind == Kind.SENTINEL ? "/" + primary : database == 0 ? "" : "/" + database;
    return scheme
        + "://"
        + nodes.stream().map(Node::toString).collect(Collectors.joining(","))
        + path;
  }
}
