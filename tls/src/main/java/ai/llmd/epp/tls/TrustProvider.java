package ai.llmd.epp.tls;

import java.io.IOException;
import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's trust managers with other defaults. Every TLS client of the JDK and of Netty that is
 * given no authorities asks the first provider for them; given some, nothing changes.
 */
final class TrustProvider extends Provider {

  @Serial private static final long serialVersionUID = 1L;

  private static final String ALGORITHM = "PKIX";
  private static final String JDK = "SunJSSE";

  TrustProvider(Defaults defaults) {
    super(TrustedAuthorities.PROVIDER, "1", "authorities of SSL_CERT_DIR and SSL_CERT_FILE");
    putService(
        new Service(
            this,
            "TrustManagerFactory",
            ALGORITHM,
            Factory.class.getName(),
            List.of("X509", "X.509", "SunPKIX"),
            Map.of()) {

          @Override
          public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            return new Factory(jdkFactory(), defaults);
          }
        });
  }

  /** What the JDK trusts by itself, or what {@code javax.net.ssl.trustStore} names instead. */
  static Certificate[] jdkAuthorities() throws GeneralSecurityException {
    TrustManagerFactory factory = jdkFactory();
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509.getAcceptedIssuers();
      }
    }
    return new Certificate[0];
  }

  private static TrustManagerFactory jdkFactory() throws NoSuchAlgorithmException {
    try {
      return TrustManagerFactory.getInstance(ALGORITHM, JDK);
    } catch (GeneralSecurityException e) {
      throw new NoSuchAlgorithmException(JDK + " is missing", e);
    }
  }

  /** Reads authorities when they are first asked for. Any thread. */
  static final class Defaults {

    /** Reads them. */
    interface Source {

      KeyStore read() throws GeneralSecurityException, IOException;
    }

    private final Source source;
    private @Nullable KeyStore known;

    Defaults(Source source) {
      this.source = source;
    }

    synchronized KeyStore get() throws KeyStoreException {
      KeyStore read = known;
      if (read == null) {
        try {
          read = source.read();
        } catch (GeneralSecurityException | IOException e) {
          throw new KeyStoreException("SSL_CERT_DIR or SSL_CERT_FILE cannot be used", e);
        }
        known = read;
      }
      return read;
    }
  }

  private static final class Factory extends TrustManagerFactorySpi {

    private final TrustManagerFactory jdk;
    private final Defaults defaults;

    Factory(TrustManagerFactory jdk, Defaults defaults) {
      this.jdk = jdk;
      this.defaults = defaults;
    }

    @Override
    protected void engineInit(@Nullable KeyStore given) throws KeyStoreException {
      jdk.init(given == null ? defaults.get() : given);
    }

    @Override
    protected void engineInit(ManagerFactoryParameters parameters)
        throws InvalidAlgorithmParameterException {
      jdk.init(parameters);
    }

    @Override
    protected TrustManager[] engineGetTrustManagers() {
      return jdk.getTrustManagers();
    }
  }
}
