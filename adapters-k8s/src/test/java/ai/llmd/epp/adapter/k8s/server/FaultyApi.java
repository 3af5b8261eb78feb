package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers as an API server does, and sometimes as an overloaded or restarted one. */
final class FaultyApi extends KubernetesCrudDispatcher {

  private static final String GONE =
      """
      {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,\
      "message":"too old resource version: 1 (2)"}\
      """;

  private static final Pattern VERSION = Pattern.compile("[?&]resourceVersion=([0-9]+)");

  /** The newest version that somebody asked to watch from. */
  private final AtomicLong watchedFrom = new AtomicLong();

  /** Watches from this version or an older one are refused. */
  private volatile long forgottenUpTo;

  final AtomicInteger watches = new AtomicInteger();
  final AtomicInteger lists = new AtomicInteger();
  final List<String> forbidden = new CopyOnWriteArrayList<>();
  volatile Duration delay = Duration.ZERO;

  @Override
  public MockResponse handleGet(String path) {
    if (forbidden.stream().anyMatch(path::contains)) {
      return new MockResponse().setResponseCode(HttpURLConnection.HTTP_FORBIDDEN).setBody("{}");
    }
    boolean isWatch = path.contains("watch=true");
    (isWatch ? watches : lists).incrementAndGet();
    if (isWatch && isHistoryGone(path)) {
      return new MockResponse().setResponseCode(HttpURLConnection.HTTP_GONE).setBody(GONE);
    }
    MockResponse response = super.handleGet(path);
    if (isWatch) {
      return response.withWebSocketUpgrade(new Unhurried(response.getWebSocketListener()));
    }
    return delay.isZero() ? response : response.setBodyDelay(delay);
  }

  /** As after a compaction: who watched, and has to watch again, must list first. */
  void forgetHistory() {
    forgottenUpTo = watchedFrom.get();
  }

  private boolean isHistoryGone(String path) {
    Matcher version = VERSION.matcher(path);
    if (!version.find()) {
      return false;
    }
    long from = Long.parseLong(version.group(1));
    watchedFrom.accumulateAndGet(from, Math::max);
    return from <= forgottenUpTo;
  }

  /** What the mock server's listener does with its socket, it does not wait for. */
  private static final class Unhurried extends WebSocketListener {

    private final WebSocketListener next;
    private volatile @Nullable UnwaitingSocket unwaiting;

    Unhurried(WebSocketListener next) {
      this.next = next;
    }

    private synchronized WebSocket unwaiting(WebSocket socket) {
      UnwaitingSocket known = unwaiting;
      if (known == null) {
        known = new UnwaitingSocket(socket);
        unwaiting = known;
      }
      return known;
    }

    @Override
    public void onOpen(WebSocket socket, Response response) {
      next.onOpen(unwaiting(socket), response);
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      next.onMessage(unwaiting(socket), text);
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      Thread.ofVirtual().start(() -> next.onClosing(unwaiting(socket), code, reason));
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      Thread.ofVirtual().start(() -> next.onClosed(unwaiting(socket), code, reason));
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, @Nullable Response response) {
      Thread.ofVirtual().start(() -> next.onFailure(unwaiting(socket), failure, response));
    }
  }
}
