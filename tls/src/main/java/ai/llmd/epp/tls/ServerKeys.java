package ai.llmd.epp.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The key and the certificate that a server shows, which may be replaced while it runs: handshakes
 * that begin later show the new ones. Any thread.
 */
public final class ServerKeys extends X509ExtendedKeyManager {

  /**
   * A handshake asks for the key and for the certificate one after the other, under the name that
   * it was given first.
   */
  private record Shown(String alias, ServerIdentity identity, @Nullable Shown before) {

    @Nullable ServerIdentity named(String asked) {
      if (asked.equals(alias)) {
        return identity;
      }
      return before != null && asked.equals(before.alias) ? before.identity : null;
    }
  }

  private volatile Shown shown;
  private int replaced; // guarded by this

  public ServerKeys(ServerIdentity identity) {
    this.shown = new Shown("identity-0", identity, null);
  }

  /** What new handshakes see. */
  ServerIdentity identity() {
    return shown.identity;
  }

  /** Shows another identity from the next handshake on. */
  public synchronized void show(ServerIdentity identity) {
    Shown before = shown;
    replaced++;
    shown =
        new Shown("identity-" + replaced, identity, new Shown(before.alias, before.identity, null));
  }

  @Override
  public String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return shown.alias;
  }

  @Override
  public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
    return shown.alias;
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    ServerIdentity identity = shown.named(alias);
    return identity == null ? null : identity.key();
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    ServerIdentity identity = shown.named(alias);
    return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {shown.alias};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
