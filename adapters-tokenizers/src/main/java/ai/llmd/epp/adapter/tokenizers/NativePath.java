package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/**
 * Whether the renderer knows the path of an API. Asked with a small request when it matters for the
 * first time; what is found out holds from then on. Any thread; blocks while it asks.
 */
final class NativePath {

  private final RenderCalls calls;
  private final String path;
  private final byte[] probe;
  private final byte[] chatProbe;
  private final Set<Integer> missing;
  private volatile RenderMode mode;

  /**
   * @param probe a small request of the API
   * @param missing statuses that mean that there is no such path
   */
  NativePath(
      RenderCalls calls,
      RenderMode mode,
      String path,
      String probe,
      String chatProbe,
      Set<Integer> missing) {
    this.calls = calls;
    this.mode = mode;
    this.path = path;
    this.probe = probe.getBytes(StandardCharsets.UTF_8);
    this.chatProbe = chatProbe.getBytes(StandardCharsets.UTF_8);
    this.missing = Set.copyOf(missing);
  }

  String path() {
    return path;
  }

  /**
   * Whether the API's own path is to be used.
   *
   * @throws WithoutResultException if that could not be found out
   */
  boolean isUsed(String authorization, Duration limit) throws InterruptedException {
    RenderMode known = mode;
    if (known == RenderMode.AUTO) {
      known = find(authorization, limit);
      mode = known;
    }
    return known == RenderMode.NATIVE;
  }

  private RenderMode find(String authorization, Duration limit) throws InterruptedException {
    RenderCalls.Answer answer = calls.post(path, probe, authorization, limit);
    if (answer.isGood()) {
      return RenderMode.NATIVE;
    }
    if (missing.contains(answer.status())
        && calls.post(VllmTokenizer.CHAT, chatProbe, authorization, limit).isGood()) {
      return RenderMode.LEGACY;
    }
    throw new WithoutResultException(
        "cannot tell how to render: a probe of " + path + " was answered " + answer.status());
  }
}
