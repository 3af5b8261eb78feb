package ai.llmd.epp.sidecar.upstream;

import static java.util.concurrent.TimeUnit.SECONDS;
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
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a kept connection that the server closes. */
@SuppressWarnings("FutureReturnValueIgnored") // no test waits for the end of threads
class RepeatedRequestsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private final CountDownLatch reset = new CountDownLatch(1);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = (EventLoop) loops.iterator().next();
  private final Upstreams upstreams =
      Upstreams.on(loops, NioSocketChannel.class, 8, (stage, status, failure, nanos) -> {});

  @AfterEach
  void stop() {
    reset.countDown();
    loops.shutdownGracefully();
  }

  private record Answered(CompletableFuture<Integer> status) implements LegListener {

    @Override
    public void head(HttpResponse head) {}

    @Override
    public void part(HttpContent part) {
      part.release();
    }

    @Override
    public void end(LastHttpContent last) {
      last.release();
      status.complete(200);
    }

    @Override
    public void failed(LegFailure failure) {
      status.completeExceptionally(failure);
    }
  }

  /** On the loop. */
  private void ask(RawEngine engine, HttpMethod method, CompletableFuture<Integer> status) {
    var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    Target target = new Target("127.0.0.1", engine.port(), LegStage.DECODE, null);
    upstreams.ask(loop, target, new LegRequest(head, new byte[0]), new Answered(status));
  }

  private CompletableFuture<Integer> ask(RawEngine engine, HttpMethod method) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    loop.execute(() -> ask(engine, method, status));
    return status;
  }

  private void note(String head) {
    asked.add(head.substring(0, head.indexOf(' ')));
  }

  /** Answers the first request of each connection, and closes it when another has come. */
  private void answerOnce(Socket connection, String head) throws IOException {
    note(head);
    RawEngine.send(connection, OK);
    String second = RawEngine.head(connection.getInputStream());
    if (!second.isEmpty()) {
      note(second);
    }
  }

  @Test
  void whatTheServerMayHaveBegunIsNotSentAgain() {
    try (RawEngine engine = new RawEngine(this::answerOnce)) {
      assertThat(ask(engine, HttpMethod.POST)).succeedsWithin(20, SECONDS);

      assertThat(ask(engine, HttpMethod.POST))
          .failsWithin(20, SECONDS)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(LegFailure.class);
      assertThat(asked).containsExactly("POST", "POST");
    }
  }

  @Test
  void whatIsHarmlessTwiceIsSentAgain() {
    try (RawEngine engine = new RawEngine(this::answerOnce)) {
      assertThat(ask(engine, HttpMethod.GET)).succeedsWithin(20, SECONDS);

      assertThat(ask(engine, HttpMethod.GET)).succeedsWithin(20, SECONDS);
      assertThat(asked).containsExactly("GET", "GET", "GET");
    }
  }

  /** Answers the first request of each connection, and resets it when the test says so. */
  private void answerAndReset(Socket connection, String head) throws IOException {
    note(head);
    RawEngine.send(connection, OK);
    try {
      reset.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    connection.setSoLinger(true, 0);
  }

  @Test
  void whatCouldNotBeWrittenIsSentAgain() {
    try (RawEngine engine = new RawEngine(this::answerAndReset)) {
      assertThat(ask(engine, HttpMethod.POST)).succeedsWithin(20, SECONDS);
      CompletableFuture<Integer> status = new CompletableFuture<>();

      loop.execute(
          () -> {
            reset.countDown();
            await().until(() -> engine.open() == 0); // the loop has not seen it
            ask(engine, HttpMethod.POST, status);
          });

      assertThat(status).succeedsWithin(20, SECONDS);
      assertThat(List.copyOf(asked)).containsExactly("POST", "POST");
    }
  }
}
