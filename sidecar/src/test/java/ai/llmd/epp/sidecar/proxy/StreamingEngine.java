package ai.llmd.epp.sidecar.proxy;

import ai.llmd.epp.sidecar.RawEngine;
import java.io.IOException;

/** A model server in a process of its own: streams without end, as the path says. */
final class StreamingEngine {

  private static final String PART = "data: " + "x".repeat(100) + "\n\n";

  private StreamingEngine() {}

  /** Writes its port, and runs until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    RawEngine engine = new RawEngine((connection, head) -> answer(connection, head));
    System.out.println(engine.port());
    Thread.currentThread().join();
  }

  private static void answer(java.net.Socket connection, String head) throws IOException {
    String type = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    if (head.startsWith("GET /silent ")) {
      pause(Integer.MAX_VALUE);
    }
    boolean isChunked = !head.startsWith("GET /sized ");
    RawEngine.send(
        connection,
        type
            + (isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 1000000000")
            + "\r\n\r\n");
    String part = isChunked ? Integer.toHexString(PART.length()) + "\r\n" + PART + "\r\n" : PART;
    while (true) {
      RawEngine.send(connection, part);
      pause(1);
    }
  }

  private static void pause(int millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
