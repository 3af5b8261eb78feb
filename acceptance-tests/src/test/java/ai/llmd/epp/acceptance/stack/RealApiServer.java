package ai.llmd.epp.acceptance.stack;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionCondition;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * kube-apiserver with RBAC and an audit log, on an etcd of its own. No controller runs beside it:
 * what a test wants of one, such as an account in a new namespace, it makes by itself.
 */
public final class RealApiServer implements AutoCloseable {

  private static final String ADMIN = "admin-of-the-tests";
  private static final int KEY_BITS = 2048;
  private static final long TOKEN_SECONDS = 3600;

  private final ApiServerBinaries binaries;
  private final Path folder;
  private final Etcd etcd;
  private final int port = FreePorts.one();
  private ChildProcess process;
  private KubernetesClient client;

  private RealApiServer(ApiServerBinaries binaries, Path folder, Etcd etcd) {
    this.binaries = binaries;
    this.folder = folder;
    this.etcd = etcd;
    this.process = launch();
    this.client = connect();
  }

  /** Returns when it answers; skips the test where there is none. */
  public static RealApiServer start(Path folder) {
    ApiServerBinaries binaries = ApiServerBinaries.require();
    writeKeys(folder);
    return new RealApiServer(binaries, folder, Etcd.start(binaries.etcd(), folder));
  }

  /** Another one over the same data. */
  public RealApiServer beside() {
    return new RealApiServer(binaries, folder, etcd);
  }

  private static void writeKeys(Path folder) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(KEY_BITS);
      KeyPair pair = generator.generateKeyPair();
      write(folder.resolve("sa.key"), "PRIVATE KEY", pair.getPrivate().getEncoded());
      write(folder.resolve("sa.pub"), "PUBLIC KEY", pair.getPublic().getEncoded());
      Files.writeString(folder.resolve("tokens.csv"), ADMIN + ",admin,1,system:masters\n");
      Files.writeString(
          folder.resolve("audit.yaml"),
          """
          apiVersion: audit.k8s.io/v1
          kind: Policy
          omitStages: [RequestReceived]
          rules:
          - level: Metadata
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(kind, text));
  }

  private ChildProcess launch() {
    List<String> command = new ArrayList<>();
    command.add(binaries.apiServer().toString());
    command.addAll(
        List.of(
            "--etcd-servers=" + etcd.url(),
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--secure-port=" + port,
            "--cert-dir=" + folder.resolve("certificates"),
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=" + folder.resolve("sa.pub"),
            "--service-account-signing-key-file=" + folder.resolve("sa.key"),
            "--token-auth-file=" + folder.resolve("tokens.csv"),
            "--audit-policy-file=" + folder.resolve("audit.yaml"),
            "--audit-log-path=" + audit(),
            "--audit-log-mode=blocking",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount"));
    ChildProcess started = ChildProcess.start("apiserver-" + port, folder, command);
    started.awaitReady(this::answers);
    return started;
  }

  private Path certificate() {
    return folder.resolve("certificates").resolve("apiserver.crt");
  }

  private Path audit() {
    return folder.resolve("audit-" + port + ".log");
  }

  private boolean answers() {
    if (!Files.exists(certificate())) {
      return false;
    }
    try (KubernetesClient asking = connect()) {
      return "ok".equals(asking.raw("/readyz"));
    } catch (KubernetesClientException notYet) {
      return false;
    }
  }

  private KubernetesClient connect() {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("https://127.0.0.1:" + port)
            .withCaCertFile(certificate().toString())
            .withOauthToken(ADMIN)
            .withRequestRetryBackoffLimit(0)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** The administrator's. */
  public KubernetesClient client() {
    return client;
  }

  /** Returns when objects of the kind are taken. */
  public void define(CustomResourceDefinition crd) {
    client.resource(crd).serverSideApply();
    client.resource(crd).waitUntilCondition(RealApiServer::isEstablished, 1, TimeUnit.MINUTES);
  }

  private static boolean isEstablished(@Nullable CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && Objects.requireNonNullElse(
                crd.getStatus().getConditions(), List.<CustomResourceDefinitionCondition>of())
            .stream()
            .anyMatch(it -> it.getType().equals("Established") && it.getStatus().equals("True"));
  }

  /** Ends it as a crash would. */
  public void kill() {
    client.close();
    process.close();
  }

  /** Starts it again at the same address. */
  public void restart() {
    process = launch();
    client = connect();
  }

  /** Forgets all but the present state, so that no watch can be resumed from before. */
  public void compact() {
    etcd.compact();
  }

  /** A token of an account, as pods get it. */
  public String token(String namespace, String account) {
    TokenRequest request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(TOKEN_SECONDS)
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  /** A kubeconfig of an account. */
  public Path kubeconfig(String namespace, String account) {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: real
          cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}
        users:
        - name: account
          user: {token: "%s"}
        contexts:
        - name: real
          context: {cluster: real, user: account, namespace: "%s"}
        current-context: real
        """
            .formatted(port, certificate(), token(namespace, account), namespace);
    try {
      return Files.writeString(
          folder.resolve("kubeconfig-" + namespace + "-" + account + ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an account asked for and was refused. */
  public List<String> refused(String namespace, String account) {
    String user = "\"username\":\"system:serviceaccount:" + namespace + ":" + account + "\"";
    try (Stream<String> lines = Files.lines(audit())) {
      return lines.filter(line -> line.contains(user) && line.contains("\"code\":403")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends this one; the first one ends etcd, too. */
  @Override
  public void close() {
    client.close();
    process.close();
  }

  /** Ends the data with it. */
  public void closeAll() {
    close();
    etcd.close();
  }
}
