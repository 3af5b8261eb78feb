package ai.llmd.epp.sidecar.pool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the API server of the cluster as the pod's service account may. Any thread; calls
 * wait.
 */
public final class KubernetesApi implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KubernetesApi.class);
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30); // for the head of an answer

  /** A watch brings a bookmark about once a minute. */
  private static final Duration SILENCE = Duration.ofSeconds(150);

  private static final int MAX_ERROR = 4096; // bytes of what the server says of a refusal

  private final HttpClient client;
  private final String base;
  private final Path token;
  private final Duration silence;

  /** The server refused. */
  static final class RefusedException extends IOException {

    private static final long serialVersionUID = 1;

    RefusedException(String path, int status, String why) {
      super("GET " + path + ": status " + status + ": " + why);
    }
  }

  /**
   * @param silence how long nothing of an answer may come until it is given up
   */
  KubernetesApi(HttpClient client, String base, Path token, Duration silence) {
    this.client = client;
    this.base = base;
    this.token = token;
    this.silence = silence;
  }

  /**
   * As every pod is told. Without the service account's authorities those of the machine are
   * trusted, as Kubernetes' own clients do.
   *
   * @throws IOException outside of a cluster, or when the authorities cannot be used
   */
  public static KubernetesApi ofThisCluster(Map<String, String> environment) throws IOException {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    if (host.isEmpty()) {
      throw new IOException(
          "--inference-pool: not in a cluster, $KUBERNETES_SERVICE_HOST is empty");
    }
    HttpClient.Builder client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LONGEST_WAIT);
    Path authorities = ACCOUNT.resolve("ca.crt");
    if (Files.exists(authorities)) {
      client.sslContext(trusting(authorities));
    } else {
      log.atWarn().addKeyValue("file", authorities).log("missing, the machine's authorities count");
    }
    String authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    return new KubernetesApi(
        client.build(), "https://" + authority, ACCOUNT.resolve("token"), SILENCE);
  }

  private static SSLContext trusting(Path authorities) throws IOException {
    try (InputStream in = Files.newInputStream(authorities)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int count = 0;
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + count++, one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(authorities + ": cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * The body of an answer, which comes while it is read; it ends, too, when nothing of it comes for
   * too long.
   *
   * @param path with its query
   */
  InputStream get(String path) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(LONGEST_WAIT)
            .header("Accept", "application/json");
    if (Files.exists(token)) { // read each time, since it is replaced
      request.header("Authorization", "Bearer " + Files.readString(token).strip());
    }
    HttpResponse<InputStream> answer = client.send(request.build(), BodyHandlers.ofInputStream());
    InputStream body = new SteadyStream(answer.body(), silence);
    if (answer.statusCode() != 200) {
      try (body) {
        String why = new String(body.readNBytes(MAX_ERROR), UTF_8);
        throw new RefusedException(path, answer.statusCode(), why);
      }
    }
    return body;
  }

  /** Ends all answers that are still read. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
