package ai.llmd.epp.sidecar.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.RawEngine;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // no test waits for the end of threads
class KeptConnectionsTest {

  private static final int BYTES = 1 << 20;

  private final CountDownLatch isOver = new CountDownLatch(1);
  private final RawEngine engine = new RawEngine(this::answerAndKeep);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Upstreams upstreams =
      Upstreams.on(loops, NioSocketChannel.class, 8, (stage, status, failure, nanos) -> {});

  private void answerAndKeep(Socket connection, String head) throws IOException {
    connection.getInputStream().readNBytes(BYTES);
    connection
        .getOutputStream()
        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
    try {
      isOver.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @AfterEach
  void stop() {
    isOver.countDown();
    loops.shutdownGracefully();
    engine.close();
  }

  private record Answered(CompletableFuture<Integer> status) implements LegListener {

    @Override
    public void head(HttpResponse head) {
      status.complete(head.status().code());
    }

    @Override
    public void part(HttpContent part) {
      part.release();
    }

    @Override
    public void pause() {
      // all of it came at once
    }

    @Override
    public void end(LastHttpContent last) {
      last.release();
    }

    @Override
    public void failed(LegFailure failure) {
      status.completeExceptionally(failure);
    }
  }

  /** Has a body answered that nothing else knows. */
  private WeakReference<byte[]> ask() {
    byte[] body = new byte[BYTES];
    EventLoop loop = (EventLoop) loops.iterator().next();
    HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, BYTES);
    Target target = new Target("127.0.0.1", engine.port(), LegStage.DECODE, null);
    CompletableFuture<Integer> status = new CompletableFuture<>();
    loop.execute(
        () -> upstreams.ask(loop, target, new LegRequest(head, body), new Answered(status)));
    assertThat(status).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(200);
    return new WeakReference<>(body);
  }

  @Test
  void holdNothingOfWhatWentOverThem() {
    WeakReference<byte[]> body = ask();

    await()
        .until(
            () -> {
              System.gc();
              return body.refersTo(null);
            });
    assertThat(engine.open()).isEqualTo(1);
  }
}
