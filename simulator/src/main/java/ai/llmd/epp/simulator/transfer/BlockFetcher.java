package ai.llmd.epp.simulator.transfer;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches blocks from other simulated servers. Real engines use RDMA or a socket of their own; here
 * it is a request to the other server's port, which tells whose blocks they are.
 */
final class BlockFetcher {

  /** What the other server answered. */
  enum Kind {
    /** These are the blocks. */
    HERE,
    /** It does not have them, or not yet. */
    UNKNOWN,
    /** It is another engine than the request names. */
    OTHER_ENGINE,
    /** There is no answer. */
    UNREACHABLE
  }

  /**
   * An answer.
   *
   * @param prompt a hash of the model and all tokens; 0 when there are no blocks
   */
  record Fetched(Kind kind, long prompt, int blocks) {}

  private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(1);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(LONGEST_ATTEMPT)
          .build();

  /** Asks once; never fails. */
  CompletableFuture<Fetched> fetch(Assignment.Consume wanted) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + wanted.server() + path(wanted)))
              .timeout(LONGEST_ATTEMPT)
              .build();
      return client.sendAsync(request, BodyHandlers.ofString()).handle(BlockFetcher::read);
    } catch (IllegalArgumentException noAddress) {
      return CompletableFuture.completedFuture(new Fetched(Kind.UNREACHABLE, 0, 0));
    }
  }

  private static String path(Assignment.Consume wanted) {
    return "/kv/blocks?key="
        + URLEncoder.encode(wanted.key(), StandardCharsets.UTF_8)
        + "&engine="
        + URLEncoder.encode(wanted.engineId(), StandardCharsets.UTF_8);
  }

  private static Fetched read(HttpResponse<String> response, Throwable failure) {
    if (failure != null) {
      return new Fetched(Kind.UNREACHABLE, 0, 0);
    }
    return switch (response.statusCode()) {
      case 200 -> blocks(response.body());
      case 409 -> new Fetched(Kind.OTHER_ENGINE, 0, 0);
      default -> new Fetched(Kind.UNKNOWN, 0, 0);
    };
  }

  /** A line of the prompt's hash and the number of blocks; other servers answer something else. */
  private static Fetched blocks(String line) {
    int space = Math.max(0, line.indexOf(' '));
    try {
      return new Fetched(
          Kind.HERE,
          Long.parseUnsignedLong(line.substring(0, space), 16),
          Integer.parseInt(line.substring(space).strip()));
    } catch (NumberFormatException e) {
      return new Fetched(Kind.UNREACHABLE, 0, 0);
    }
  }
}
