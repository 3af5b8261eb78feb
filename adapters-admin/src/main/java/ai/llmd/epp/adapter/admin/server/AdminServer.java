package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.tls.CertificateStatus;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages to operators on the metrics port: HTTP/1.1, one virtual thread per connection, GET
 * and HEAD. A page that fails answers 500 and is logged; it never touches the request path.
 *
 * <p>It is the program's own because the JDK's server waits for slow readers where it must not:
 * under TLS one of them stops it for all, and its connections are neither timed nor, once a stream
 * is broken off, counted out. Here each connection has a time for whatever its reader has to do,
 * and all of them together {@link Limits}.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private static final int BACKLOG = 1024;

  // of the system, for each connection: left alone it keeps megabytes for one that does not read
  private static final int SEND_BYTES = 64 << 10;
  private static final int RECEIVE_BYTES = 16 << 10;

  private static final long PAUSE_MILLIS = 100;

  private final ServerSocket server;
  private final ReaderConnection.Host host;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private AdminServer(ServerSocket server, ReaderConnection.Host host) {
    this.server = server;
    this.host = host;
  }

  /**
   * Where to serve, and to whom.
   *
   * @param address of the interface to serve; empty for all
   * @param port 0 takes a free one
   * @param tls null for plain HTTP
   * @param access who may read; null when all may
   * @param openPaths pages that need no permission
   */
  public record Settings(
      String address,
      int port,
      @Nullable AdminTls tls,
      @Nullable AccessReview access,
      Set<String> openPaths) {

    public Settings {
      openPaths = Set.copyOf(openPaths);
    }
  }

  /**
   * Binds and serves at once.
   *
   * @param pages by exact path
   * @throws IOException when the port cannot be bound, naming it, or a file for TLS cannot be used
   */
  public static AdminServer start(Settings settings, Map<String, AdminPage> pages)
      throws IOException {
    return start(settings, pages, Limits.of(Runtime.getRuntime().maxMemory()));
  }

  static AdminServer start(Settings settings, Map<String, AdminPage> pages, Limits limits)
      throws IOException {
    AdminTls.Opened tls = settings.tls() == null ? null : settings.tls().open();
    try {
      ReaderCheck readers =
          settings.access() == null
              ? null
              : new ReaderCheck(settings.access(), settings.openPaths());
      AdminServer admin =
          new AdminServer(
              bind(settings),
              new ReaderConnection.Host(
                  new PageAnswers(pages, readers),
                  new OpenConnections(limits.connections()),
                  new AnswerMemory(limits.answerBytes()),
                  tls,
                  limits));
      admin.threads.execute(admin.host.connections());
      admin.threads.execute(admin::accept);
      return admin;
    } catch (IOException | RuntimeException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
  }

  private static ServerSocket bind(Settings settings) throws IOException {
    InetSocketAddress address =
        settings.address().isEmpty()
            ? new InetSocketAddress(settings.port())
            : new InetSocketAddress(settings.address(), settings.port());
    if (address.isUnresolved()) {
      throw new IOException("metrics address " + settings.address() + " is not known");
    }
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true); // the connections of the process before may linger
      server.setReceiveBufferSize(RECEIVE_BYTES);
      server.bind(address, BACKLOG);
      return server;
    } catch (BindException e) {
      server.close();
      throw new IOException(
          "metrics port " + settings.port() + " cannot be bound: " + e.getMessage(), e);
    }
  }

  /** Its certificate; null without TLS. */
  public @Nullable CertificateStatus certificate() {
    return host.tls() == null ? null : host.tls().identity().status();
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Connections now. */
  int connections() {
    return host.connections().count();
  }

  /** Bytes of bodies that wait for their readers. */
  long answerBytes() {
    return host.memory().bytes();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        try {
          admit(server.accept());
        } catch (IOException e) {
          log.atDebug().setCause(e).log("connection to the admin port not accepted");
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS); // no file may be free
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void admit(Socket socket) throws IOException {
    ReaderConnection connection = new ReaderConnection(socket, host);
    boolean isAdmitted = false;
    try {
      // An answer leaves in several writes. With Nagle's algorithm the end of the body waits until
      // the client has acknowledged the headers, which it delays by 40 ms.
      socket.setTcpNoDelay(true);
      socket.setSendBufferSize(SEND_BYTES);
      isAdmitted = host.connections().add(connection);
      if (isAdmitted) {
        threads.execute(connection);
      }
    } catch (RejectedExecutionException e) { // closed meanwhile
      isAdmitted = false;
    } finally {
      if (!isAdmitted) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("admin port not closed");
    }
    host.connections().close();
    threads.shutdownNow(); // a page that streams, or records for minutes, has no reader any more
    threads.close();
    if (host.tls() != null) {
      host.tls().close();
    }
  }
}
