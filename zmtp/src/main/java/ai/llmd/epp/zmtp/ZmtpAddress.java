package ai.llmd.epp.zmtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * An address as ZeroMQ writes it: {@code tcp://host:port}, {@code tcp://[::1]:5557}, and to listen
 * at {@code tcp://*:5557} or, for a port that is free, {@code tcp://127.0.0.1:*}.
 *
 * @param host empty for all interfaces
 * @param port 0 for any
 */
public record ZmtpAddress(String host, int port) {

  private static final String TCP = "tcp://";
  private static final int MAX_PORT = 65_535;

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none, or of another transport
   */
  public static ZmtpAddress of(String address) {
    int colon = address.lastIndexOf(':');
    if (!address.startsWith(TCP) || colon < TCP.length()) {
      throw new IllegalArgumentException("not tcp://host:port: " + address);
    }
    String host = address.substring(TCP.length(), colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new ZmtpAddress("*".equals(host) ? "" : host, port(address, colon + 1));
  }

  private static int port(String address, int at) {
    String port = address.substring(at);
    if ("*".equals(port)) {
      return 0;
    }
    int number = port.isEmpty() ? -1 : 0;
    for (int i = 0; i < port.length() && number >= 0; i++) {
      int digit = Character.digit(port.charAt(i), 10);
      number = digit < 0 || number > MAX_PORT ? -1 : 10 * number + digit;
    }
    if (number < 0 || number > MAX_PORT) {
      throw new IllegalArgumentException("no port: " + address);
    }
    return number;
  }

  /** For a socket; the name of the host is looked up now. */
  public InetSocketAddress resolved() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  /**
   * A socket that listens here.
   *
   * @param backlog connections that wait to be accepted
   * @throws IOException if the address cannot be used
   */
  public ServerSocket bound(int backlog) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.bind(resolved(), backlog);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** The same with the port that was chosen. */
  public ZmtpAddress withPort(int chosen) {
    return new ZmtpAddress(host, chosen);
  }

  @Override
  public String toString() {
    String shown = host.isEmpty() ? "0.0.0.0" : host;
    return TCP + (shown.indexOf(':') >= 0 ? "[" + shown + "]" : shown) + ":" + port;
  }
}
