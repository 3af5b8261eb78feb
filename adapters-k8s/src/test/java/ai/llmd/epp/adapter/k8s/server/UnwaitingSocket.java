package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.WebSocket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sends in order and lets no caller wait. The socket beneath waits until a message is written, for
 * long when its other end has left without a word, and meanwhile the mock server answers no request
 * else.
 */
final class UnwaitingSocket implements WebSocket {

  private final WebSocket socket;
  private final ExecutorService sending =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

  UnwaitingSocket(WebSocket socket) {
    this.socket = socket;
  }

  @Override
  public RecordedRequest request() {
    return socket.request();
  }

  @Override
  public boolean send(String text) {
    sending.execute(() -> socket.send(text));
    return true;
  }

  @Override
  public boolean send(byte[] bytes) {
    sending.execute(() -> socket.send(bytes));
    return true;
  }

  @Override
  public boolean close(int code, String reason) {
    sending.execute(() -> socket.close(code, reason));
    return true;
  }
}
