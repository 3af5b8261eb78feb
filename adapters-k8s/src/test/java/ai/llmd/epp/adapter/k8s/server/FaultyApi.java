package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Answers as an API server does, and sometimes as an overloaded or restarted one. */
final class FaultyApi extends KubernetesCrudDispatcher {

  private static final String GONE =
      """
      {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,\
      "message":"too old resource version: 1 (2)"}\
      """;

  /**
   * Kinds, by path, whose watchers have been told that their history is gone; null before it is.
   */
  private volatile @Nullable Set<String> toldThatHistoryIsGone;

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
    if (isWatch && isHistoryNeeded(path)) {
      return new MockResponse().setResponseCode(HttpURLConnection.HTTP_GONE).setBody(GONE);
    }
    MockResponse response = super.handleGet(path);
    if (isWatch) {
      return response.withWebSocketUpgrade(new Unhurried(response.getWebSocketListener()));
    }
    return delay.isZero() ? response : response.setBodyDelay(delay);
  }

  /**
   * Each kind's next watch needs what is gone; it then lists, and its watch after that does not.
   */
  void forgetHistory() {
    toldThatHistoryIsGone = ConcurrentHashMap.newKeySet();
  }

  private boolean isHistoryNeeded(String path) {
    Set<String> told = toldThatHistoryIsGone;
    return told != null && told.add(path.substring(0, path.indexOf('?')));
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
