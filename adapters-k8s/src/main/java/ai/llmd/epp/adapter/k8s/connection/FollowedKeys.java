package ai.llmd.epp.adapter.k8s.connection;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that some files hold when the handshake begins; the choice of an alias is
 * its beginning.
 */
final class FollowedKeys extends X509ExtendedKeyManager {

  private final FollowedFiles<X509ExtendedKeyManager> identity;

  FollowedKeys(FollowedFiles<X509ExtendedKeyManager> identity) {
    this.identity = identity;
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal[] issuers) {
    return identity.current().getClientAliases(type, issuers);
  }

  @Override
  public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return identity.current().chooseClientAlias(types, issuers, socket);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal[] issuers, SSLEngine engine) {
    return identity.current().chooseEngineClientAlias(types, issuers, engine);
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal[] issuers) {
    return identity.last().getServerAliases(type, issuers);
  }

  @Override
  public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return identity.last().chooseServerAlias(type, issuers, socket);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return identity.last().getCertificateChain(alias);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return identity.last().getPrivateKey(alias);
  }
}
