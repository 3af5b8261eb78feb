package ai.llmd.epp.adapter.k8s.connection;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that are trusted and the client's certificate, where files hold them: a file that
 * has changed counts from the next handshake on.
 */
final class FollowedIdentities {

  private FollowedIdentities() {}

  /** Lets a client that is being built follow the files that a configuration names. */
  static void use(Config config, HttpClient.Builder builder) {
    List<Path> authorities = paths(config.getCaCertFile(), config.getTrustStoreFile());
    List<Path> identity =
        paths(config.getClientCertFile(), config.getClientKeyFile(), config.getKeyStoreFile());
    boolean isTrustFollowed =
        !authorities.isEmpty() && !Boolean.TRUE.equals(config.getTrustCerts());
    if (!isTrustFollowed && identity.isEmpty()) {
      return; // what the client has read is all there is
    }
    try {
      TrustManager[] trust = SSLUtils.trustManagers(config);
      KeyManager[] keys = SSLUtils.keyManagers(config);
      builder.sslContext(
          identity.isEmpty() ? keys : followedKeys(identity, keys, config),
          isTrustFollowed ? followedTrust(authorities, trust, config) : trust);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(Reasons.of(e), e);
    }
  }

  private static List<Path> paths(@Nullable String... files) {
    List<Path> paths = new ArrayList<>();
    for (String file : files) {
      if (file != null && !file.isEmpty()) {
        paths.add(Path.of(file));
      }
    }
    return paths;
  }

  private static TrustManager[] followedTrust(
      List<Path> files, TrustManager[] first, Config config) {
    return Stream.of(first)
        .map(
            manager ->
                manager instanceof X509ExtendedTrustManager known
                    ? new FollowedTrust(
                        new FollowedFiles<>(
                            files,
                            "authorities of the API server",
                            known,
                            () ->
                                only(
                                    X509ExtendedTrustManager.class,
                                    SSLUtils.trustManagers(config))))
                    : manager)
        .toArray(TrustManager[]::new);
  }

  private static KeyManager @Nullable [] followedKeys(
      List<Path> files, KeyManager @Nullable [] first, Config config) {
    if (first == null) {
      return null;
    }
    return Stream.of(first)
        .map(
            manager ->
                manager instanceof X509ExtendedKeyManager known
                    ? new FollowedKeys(
                        new FollowedFiles<>(
                            files,
                            "certificate for the API server",
                            known,
                            () -> only(X509ExtendedKeyManager.class, SSLUtils.keyManagers(config))))
                    : manager)
        .toArray(KeyManager[]::new);
  }

  private static <M> M only(Class<M> type, Object[] managers) throws GeneralSecurityException {
    return Stream.of(managers)
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new GeneralSecurityException("no " + type.getSimpleName()));
  }
}
