package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One etcd, without a disk's delays. */
record Etcd(ChildProcess process, String url) implements AutoCloseable {

  private static final Pattern REVISION = Pattern.compile("\"revision\":\"(\\d+)\"");

  static Etcd start(Path binary, Path folder) {
    String url = "http://127.0.0.1:" + FreePorts.one();
    String peers = "http://127.0.0.1:" + FreePorts.one();
    ChildProcess process =
        ChildProcess.start(
            "etcd",
            folder,
            List.of(
                binary.toString(),
                "--data-dir=" + folder.resolve("etcd-data"),
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--unsafe-no-fsync"));
    Etcd etcd = new Etcd(process, url);
    process.awaitReady(etcd::isWell);
    return etcd;
  }

  private boolean isWell() {
    try {
      return ask("GET", "/health", "").contains("\"true\"");
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Forgets every revision before the present one. */
  void compact() {
    Matcher revision = REVISION.matcher(ask("POST", "/v3/maintenance/status", "{}"));
    if (!revision.find()) {
      throw new AssertionError("etcd tells no revision");
    }
    String body = "{\"revision\":\"%s\",\"physical\":true}".formatted(revision.group(1));
    ask("POST", "/v3/kv/compaction", body);
  }

  private String ask(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
