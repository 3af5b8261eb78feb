package ai.llmd.epp.adapter.k8s.connection;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the API server as kubectl and pods do. */
public final class Cluster {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  private Cluster() {}

  /**
   * The API server that is configured; empty when none is.
   *
   * @param kubeconfig {@code KUBECONFIG}: files between colons, of which the first that exists
   *     counts; empty for a pod's service account, else {@code ~/.kube/config}
   * @throws IOException when the file cannot be used, with a sentence that names it
   */
  public static Optional<Config> find(String kubeconfig) throws IOException {
    if (!kubeconfig.isEmpty()) {
      Optional<File> first =
          Stream.of(kubeconfig.split(Pattern.quote(File.pathSeparator)))
              .map(File::new)
              .filter(File::isFile)
              .findFirst();
      return first.isPresent() ? Optional.of(read(first.get())) : Optional.empty();
    }
    if (Files.exists(SERVICE_ACCOUNT)) {
      return Optional.of(Config.autoConfigure(null));
    }
    Path home = Path.of(System.getProperty("user.home"), ".kube", "config");
    return Files.exists(home) ? Optional.of(read(home.toFile())) : Optional.empty();
  }

  private static Config read(File file) throws IOException {
    try {
      Config config = Config.fromKubeconfig(file);
      if (config.getCurrentContext() == null) {
        throw new IOException("kubeconfig " + file + " has no current-context that it defines");
      }
      Optional<Path> tokenFile = tokenFile(file, config);
      if (tokenFile.isPresent()) {
        config.setOauthTokenProvider(TokenFile.of(tokenFile.get()));
      }
      return config;
    } catch (RuntimeException e) { // of the parser, of a certificate that is none
      throw new IOException("kubeconfig " + file + " cannot be used: " + Reasons.of(e), e);
    }
  }

  /** {@code user.tokenFile}, which the client knows nothing of; it comes before {@code token}. */
  private static Optional<Path> tokenFile(File kubeconfig, Config config) {
    String user = config.getCurrentContext().getContext().getUser();
    return Objects.requireNonNullElse(
            KubeConfigUtils.parseConfig(kubeconfig).getUsers(), List.<NamedAuthInfo>of())
        .stream()
        .filter(named -> Objects.equals(named.getName(), user) && named.getUser() != null)
        .map(NamedAuthInfo::getUser)
        .map(AuthInfo::getTokenFile)
        .filter(path -> path != null && !path.isEmpty())
        .findFirst()
        .map(path -> kubeconfig.getAbsoluteFile().toPath().resolveSibling(path));
  }
}
