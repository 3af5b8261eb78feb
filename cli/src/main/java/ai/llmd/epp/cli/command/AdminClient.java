package ai.llmd.epp.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of a running picker's admin port. Follows no redirect, since a token may be sent.
 *
 * @param address with or without {@code http://}
 * @param tokenFile empty for none
 * @param takesAnyCertificate of an https address
 */
public record AdminClient(String address, String tokenFile, boolean takesAnyCertificate) {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final int MAX_BODY = 16 << 20;
  private static final int MAX_REASON = 500; // characters of an error's body

  /** A page, or why there is none. */
  public record Page(int status, String text) {

    public boolean isFound() {
      return status == HttpURLConnection.HTTP_OK;
    }
  }

  /**
   * Reads a page.
   *
   * @param pathAndQuery encoded, with its slash
   * @throws IOException with a sentence that names the address when there is no answer, or the file
   *     when it holds no token
   */
  public Page get(String pathAndQuery) throws IOException {
    URL url = url(pathAndQuery);
    String token = tokenFile.isEmpty() ? "" : token();
    try {
      return read((HttpURLConnection) url.openConnection(), token);
    } catch (IOException | GeneralSecurityException e) {
      throw new IOException("no answer from %s: %s".formatted(address, reason(e)), e);
    }
  }

  private static String reason(Exception failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  private URL url(String pathAndQuery) throws IOException {
    String base = address.contains("://") ? address : "http://" + address;
    boolean hasSlash = base.endsWith("/") && !base.endsWith("//");
    String whole = (hasSlash ? base.substring(0, base.length() - 1) : base) + pathAndQuery;
    try {
      URI uri = URI.create(whole);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isHttp && uri.getHost() != null) {
        return uri.toURL();
      }
    } catch (IllegalArgumentException e) {
      // answered below
    }
    throw new IOException(
        "%s is no address of an admin port, as http://host:9090".formatted(address));
  }

  /** What a header cannot carry is refused here: the connection would print it. */
  private String token() throws IOException {
    String token;
    try {
      token = Files.readString(Path.of(tokenFile)).strip();
    } catch (IOException e) {
      throw new IOException("the token file %s cannot be read".formatted(tokenFile), e);
    }
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IOException("the file %s holds no token".formatted(tokenFile));
    }
    return token;
  }

  private Page read(HttpURLConnection connection, String token)
      throws IOException, GeneralSecurityException {
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty("Accept", "application/json, text/plain");
    if (!token.isEmpty()) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    if (takesAnyCertificate && connection instanceof HttpsURLConnection https) {
      https.setHostnameVerifier((host, session) -> true);
      https.setSSLSocketFactory(anyCertificate().getSocketFactory());
    }
    try {
      int status = connection.getResponseCode();
      boolean isFound = status == HttpURLConnection.HTTP_OK;
      String body = text(isFound ? connection.getInputStream() : connection.getErrorStream());
      return new Page(
          status, isFound || body.length() <= MAX_REASON ? body : body.substring(0, MAX_REASON));
    } finally {
      connection.disconnect();
    }
  }

  private static String text(@Nullable InputStream body) throws IOException {
    if (body == null) {
      return "";
    }
    try (body) {
      return new String(body.readNBytes(MAX_BODY), StandardCharsets.UTF_8);
    }
  }

  private static SSLContext anyCertificate() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, null);
    return context;
  }

  /** For {@code --insecure-skip-verify} alone. */
  private static final class TrustAll implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
