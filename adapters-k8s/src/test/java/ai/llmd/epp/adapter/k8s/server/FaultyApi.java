package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import org.jspecify.annotations.Nullable;

/** Answers as an API server does, and sometimes as an overloaded or restarted one. */
final class FaultyApi extends KubernetesCrudDispatcher {

  private final Faults faults;

  FaultyApi(Faults faults) {
    this.faults = faults;
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    faults.note(
        String.valueOf(request.getMethod()), request.getPath(), request.getHeader("User-Agent"));
    return super.dispatch(request);
  }

  @Override
  public MockResponse handleGet(String path) {
    int refusal = faults.refusal(path);
    if (refusal > 0) {
      return new MockResponse().setResponseCode(refusal).setBody("{}");
    }
    MockResponse response = super.handleGet(path);
    if (Faults.isWatch(path)) {
      return response.withWebSocketUpgrade(new Unhurried(response.getWebSocketListener()));
    }
    return faults.delay.isZero() ? response : response.setBodyDelay(faults.delay);
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
