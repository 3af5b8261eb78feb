package ai.llmd.epp.adapter.extproc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer gets for what it sends. */
class ConnectionTest {

  private static final String RESPONSE =
      "headers :status=200 content-type=application/grpc grpc-accept-encoding=gzip";

  private final Peer peer = new Peer();

  @AfterEach
  void nothingStays() {
    peer.close();
    assertThat(peer.host.cancelled + peer.host.completed).isEqualTo(peer.host.begun);
    assertThat(peer.host.tracersEnded).isEqualTo(peer.host.tracersBegun);
    assertThat(peer.host.connections).isZero();
  }

  private void begin() {
    assertThat(peer.send(FramesWritten.begun()))
        .containsExactly("settings", "0 window 131073", "settings known");
  }

  @Test
  void aCallIsAnsweredAndEnds() {
    begin();
    assertThat(peer.send(FramesWritten.more().call(1, 0).message(1, 0, "a").message(1, 1, "b")))
        .containsExactly("1 " + RESPONSE, "1 data a", "1 data b", "1 headers grpc-status=0 end");
    assertThat(peer.host.completed).isEqualTo(1);
    assertThat(peer.send(FramesWritten.more().call(3, 0).message(3, 1, "")))
        .containsExactly("3 " + RESPONSE, "3 data ", "3 headers grpc-status=0 end");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 23, 1000})
  void itDoesNotMatterInWhichPiecesItComes(int piece) {
    byte[] all =
        FramesWritten.begun()
            .call(1, 0)
            .message(1, 0, "a".repeat(300))
            .call(3, 0)
            .message(3, 1, "b")
            .message(1, 1, "c")
            .bytes();
    List<String> apart = peer.send(all, piece);
    try (Peer other = new Peer()) {
      assertThat(apart).isEqualTo(other.send(all)).contains("1 data " + "a".repeat(300));
    }
  }

  @Test
  void messagesMayBeCutAnywhere() {
    begin();
    byte[] message = FramesWritten.message("hello");
    FramesWritten frames = FramesWritten.more().call(1, 0);
    for (byte each : message) {
      frames.frame(Frames.DATA, 0, 1, new byte[] {each});
    }
    assertThat(peer.send(frames)).contains("1 data hello");
  }

  @Test
  void paddingPriorityAndContinuationsAreRead() {
    begin();
    FramesWritten frames = FramesWritten.more();
    byte[] block = frames.block(1, FramesWritten.of(EchoHost.PATH));
    byte[] first = new byte[1 + 5 + 4 + 2];
    first[0] = 2; // bytes of padding
    System.arraycopy(block, 0, first, 6, 4);
    byte[] rest = Arrays.copyOfRange(block, 4, block.length);
    frames
        .frame(Frames.HEADERS, Frames.PADDED | Frames.HAS_PRIORITY, 1, first)
        .frame(Frames.CONTINUATION, 0, 1, "")
        .frame(Frames.CONTINUATION, Frames.END_HEADERS, 1, rest)
        .frame(Frames.PRIORITY, 0, 1, "00000000 01")
        .frame(Frames.DATA, Frames.PADDED | Frames.END_STREAM, 1, "03 00 00000001 61 000000");
    assertThat(peer.send(frames)).contains("1 data a", "1 headers grpc-status=0 end");
  }

  @Test
  void statusAndMessageReachThePeer() {
    begin();
    peer.host.end = Status.RESOURCE_EXHAUSTED.withDescription("voll: ä\n%");
    assertThat(peer.send(FramesWritten.more().call(1, 1)))
        .containsExactly("1 " + RESPONSE + " grpc-status=8 grpc-message=voll: %C3%A4%0A%25 end");
  }

  @Test
  void trailersOfThePeerEndItsMessages() {
    begin();
    FramesWritten frames = FramesWritten.more().call(1, 0).message(1, 0, "a");
    frames.headers(1, Frames.END_STREAM, new DefaultHttp2Headers().set("x", "y"));
    assertThat(peer.send(frames)).contains("1 data a", "1 headers grpc-status=0 end");
  }

  @ParameterizedTest
  @CsvSource({
    "0000 0000 0a 61, 13", // the stream ends within the message
    "00 0000, 13",
    "07 0000 0001 61, 13", // reserved bits
    "01 0000 0001 61, 13", // compressed, without an encoding
    "00 7fff ffff 61, 8",
    "00 ffff ffff 61, 8",
  })
  void whatIsNoMessageEndsItsCall(String bytes, int status) {
    begin();
    FramesWritten frames = FramesWritten.more().call(1, 0).frame(Frames.DATA, 1, 1, bytes);
    List<String> got = peer.send(frames.call(3, 0).message(3, 1, "next"));
    assertThat(got)
        .anyMatch(line -> line.contains("1 headers") && line.contains("grpc-status=" + status));
    assertThat(got).contains("3 data next", "3 headers grpc-status=0 end");
  }

  @Test
  void whatIsNoCallIsRefused() {
    begin();
    Http2Headers get = FramesWritten.of(EchoHost.PATH).method("GET");
    Http2Headers json = FramesWritten.of(EchoHost.PATH).set("content-type", "application/json");
    Http2Headers coded = FramesWritten.of(EchoHost.PATH).set("grpc-encoding", "br");
    Http2Headers timed = FramesWritten.of(EchoHost.PATH).set("grpc-timeout", "1x");
    Http2Headers large = FramesWritten.of(EchoHost.PATH).set("x", "y".repeat(9_000));
    Http2Headers pathless = new DefaultHttp2Headers().method("POST").scheme("http");
    Http2Headers schemeless = new DefaultHttp2Headers().method("POST").path(EchoHost.PATH);
    assertThat(
            peer.send(
                FramesWritten.more()
                    .headers(1, 1, FramesWritten.of("/other"))
                    .headers(3, 1, get)
                    .headers(5, 0, json)
                    .headers(7, 1, coded)
                    .headers(9, 1, timed)
                    .headers(11, 1, large)
                    .headers(13, 1, pathless)
                    .headers(15, 1, schemeless)))
        .containsExactly(
            "1 " + RESPONSE + " grpc-status=12 grpc-message=Method not found end",
            "3 headers :status=405 end",
            "5 headers :status=415 end",
            "5 reset 0",
            "7 " + RESPONSE + " grpc-status=12 grpc-message=Can't find the decompressor end",
            "9 " + RESPONSE + " grpc-status=13 grpc-message=malformed grpc-timeout end",
            "11 headers :status=431 end",
            "13 reset 1",
            "15 reset 1");
    assertThat(peer.send(FramesWritten.more().call(17, 1))).hasSize(1);
  }

  @Test
  void aCallEndsWithItsTime() {
    begin();
    peer.send(
        FramesWritten.more()
            .headers(1, 0, FramesWritten.of(EchoHost.PATH).set("grpc-timeout", "1n")));
    await().until(() -> peer.after(1).contains("1 reset 8") || peer.host.cancelled == 1);
    assertThat(peer.host.cancelled).isEqualTo(1);
  }

  @Test
  void aStreamTooManyIsRefused() {
    begin();
    FramesWritten frames = FramesWritten.more().call(1, 0).call(3, 0).call(5, 0).call(7, 0);
    assertThat(peer.send(frames)).containsExactly("7 reset 7");
    assertThat(peer.send(FramesWritten.more().frame(Frames.RST_STREAM, 0, 1, "00000008")))
        .isEmpty();
    assertThat(peer.host.cancelled).isEqualTo(1);
    assertThat(peer.send(FramesWritten.more().call(9, 0).message(9, 0, "x"))).contains("9 data x");
  }

  @Test
  void noMoreIsSentThanThePeerTakes() {
    FramesWritten begun = FramesWritten.begun();
    begun.frame(Frames.SETTINGS, 0, 0, "0004 0000000a"); // windows of ten bytes
    peer.send(begun);
    assertThat(peer.send(FramesWritten.more().call(1, 0).message(1, 1, "0123456789")))
        .containsExactly("1 " + RESPONSE, "1 data 01234");
    assertThat(peer.send(FramesWritten.more().frame(Frames.WINDOW_UPDATE, 0, 1, "00000002")))
        .containsExactly("1 data 56");
    assertThat(peer.send(FramesWritten.more().frame(Frames.SETTINGS, 0, 0, "0004 00000009")))
        .containsExactly("settings known");
    assertThat(peer.send(FramesWritten.more().frame(Frames.WINDOW_UPDATE, 0, 1, "00000064")))
        .containsExactly("1 data 789", "1 headers grpc-status=0 end");
  }

  @Test
  void streamsShareTheWindowOfTheConnectionByTurns() {
    FramesWritten begun = FramesWritten.begun();
    begun.frame(Frames.SETTINGS, 0, 0, "0004 7fffffff");
    peer.send(begun);
    peer.host.asked = 10;
    String text = "x".repeat(30_000);
    FramesWritten three = FramesWritten.more();
    for (int stream = 1; stream <= 5; stream += 2) {
      three.call(stream, 0);
      byte[] message = FramesWritten.message(text);
      three.frame(Frames.DATA, 0, stream, Arrays.copyOf(message, 16_000));
      three.frame(Frames.DATA, 1, stream, Arrays.copyOfRange(message, 16_000, message.length));
    }
    long first = peer.send(three).stream().filter(line -> line.contains(" data ")).count();
    assertThat(first).isPositive();
    List<String> rest =
        peer.send(FramesWritten.more().frame(Frames.WINDOW_UPDATE, 0, 0, "00ffffff"));
    assertThat(rest)
        .contains("5 headers grpc-status=0 end")
        .noneMatch(line -> line.startsWith("1 data"));
  }

  @Test
  void moreThanTheWindowEndsTheStream() {
    begin();
    peer.host.asked = 0;
    assertThat(peer.send(full(1))).isEmpty(); // it all waits
    assertThat(peer.send(FramesWritten.more().frame(Frames.DATA, 0, 1, new byte[1])))
        .containsExactly("1 reset 3");
  }

  @Test
  void moreThanItsWindowEndsTheConnection() {
    begin();
    peer.host.asked = 0;
    for (int stream = 1; stream <= 5; stream += 2) {
      assertThat(peer.send(full(stream))).isEmpty();
    }
    assertThat(peer.send(FramesWritten.more().frame(Frames.DATA, 0, 1, new byte[1])))
        .containsExactly("go away 5 3 more data than was allowed");
  }

  /** A call with all that may be sent on its stream. */
  private static FramesWritten full(int stream) {
    FramesWritten frames = FramesWritten.more().call(stream, 0);
    for (int i = 0; i < 4; i++) {
      frames.frame(Frames.DATA, 0, stream, new byte[16_384]);
    }
    return frames;
  }

  @Test
  void whatCancelledCallsHeldMayBeSentAgain() {
    begin();
    peer.host.asked = 0;
    FramesWritten cancels = FramesWritten.more();
    for (int stream = 1; stream <= 5; stream += 2) {
      assertThat(peer.send(full(stream))).isEmpty();
      cancels.frame(Frames.RST_STREAM, 0, stream, "00000008");
    }
    assertThat(peer.send(cancels)).containsExactly("0 window 131072");
  }

  /** One that is not taken: its client reads no answers, or others have their turn. */
  @Test
  void aStreamThatWaitsDoesNotKeepOthersFromSending() {
    begin();
    peer.host.asked = 0;
    assertThat(peer.send(full(1))).isEmpty();
    peer.host.asked = 1;
    FramesWritten other = FramesWritten.more().call(3, 0);
    for (int i = 0; i < 3; i++) {
      other.message(3, i / 2, "x".repeat(16_000));
    }
    assertThat(peer.send(other)).contains("3 headers grpc-status=0 end");
  }

  @Test
  void aPeerThatTakesNoAnswersIsNotAnsweredForEver() {
    begin();
    peer.takeNothing();
    FramesWritten open = FramesWritten.more();
    peer.send(open.call(1, 0).call(3, 0).call(5, 0));
    int stream = 7;
    for (; stream < 30_000 && peer.channel.isOpen(); stream += 2) {
      peer.send(FramesWritten.more().call(stream, 0));
    }
    assertThat(stream).isBetween(20_000, 20_020); // ten thousand were refused
  }

  @Test
  void whatWasUsedMayBeSentAgain() {
    begin();
    FramesWritten frames = FramesWritten.more().call(1, 0);
    for (int i = 0; i < 7; i++) {
      frames.message(1, 0, "x".repeat(16_000));
    }
    assertThat(peer.send(frames)).contains("0 window 112035").contains("1 window 48015");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1, '', 1", // data of no stream
    "0, 0, 0, '', 1",
    "1, 4, 2, '', 1", // a stream of ours
    "1, 12, 1, '', 6", // padding without its length
    "1, 12, 1, 05, 1",
    "1, 4, 1, ff ff ff ff ff ff, 9",
    "2, 0, 1, 00, 6",
    "2, 0, 0, 0000000000, 1", // a priority of no stream
    "3, 0, 1, 00000000, 1",
    "3, 0, 1, 00, 6",
    "4, 0, 1, '', 1",
    "4, 0, 0, 00, 6",
    "4, 1, 0, 000100000000, 6",
    "4, 0, 0, 0002 00000002, 1",
    "4, 0, 0, 0004 80000000, 3",
    "4, 0, 0, 0005 00000001, 1",
    "5, 0, 1, '', 1",
    "6, 0, 0, 00, 6",
    "6, 0, 1, 0000000000000000, 1",
    "7, 0, 0, 00000000, 6",
    "7, 0, 1, 0000000000000000, 1",
    "8, 0, 0, 00000000, 1",
    "8, 0, 0, 7fffffff, 3",
    "8, 0, 1, 00000001, 1",
    "8, 0, 0, 00, 6",
    "9, 4, 1, '', 1",
  })
  void aFrameThatBreaksTheRulesEndsTheConnection(
      int type, int flags, int stream, String payload, int code) {
    begin();
    List<String> got = peer.send(FramesWritten.more().frame(type, flags, stream, payload));
    assertThat(got).hasSize(1).allMatch(line -> line.matches("go away \\d+ " + code + " .*"));
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void whatIsNotHttp2EndsTheConnection() {
    assertThat(peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
        .contains("go away 0 1 no HTTP/2 preface");
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void aFrameThatIsTooLongEndsTheConnection() {
    begin();
    assertThat(peer.send(new byte[] {0, 0x40, 1, 0, 0, 0, 0, 0, 1}))
        .containsExactly("go away 0 6 a frame of 16385 bytes");
  }

  @Test
  void headersHaveAnEnd() {
    begin();
    FramesWritten frames = FramesWritten.more().frame(Frames.HEADERS, 0, 1, "");
    for (int i = 0; i < 100; i++) {
      frames.frame(Frames.CONTINUATION, 0, 1, "");
    }
    assertThat(peer.send(frames)).containsExactly("go away 0 11 headers without an end");
  }

  @Test
  void nothingComesBetweenHeaders() {
    begin();
    FramesWritten frames = FramesWritten.more().frame(Frames.HEADERS, 0, 1, "");
    assertThat(peer.send(frames.frame(Frames.PING, 0, 0, "0000000000000000")))
        .containsExactly("go away 0 1 headers are not complete");
  }

  @Test
  void pingsAreAnsweredUnlessTheyComeTooFast() {
    begin();
    FramesWritten ping = FramesWritten.more().frame(Frames.PING, 0, 0, "0000000000000007");
    for (int i = 0; i < 3; i++) {
      assertThat(peer.send(ping)).containsExactly("pong 7");
    }
    assertThat(peer.send(ping)).containsExactly("go away 0 11 too_many_pings");
  }

  @Test
  void resetsAreCounted() {
    begin();
    for (int stream = 1; stream <= 9; stream += 2) {
      FramesWritten gone = FramesWritten.more().call(stream, 0);
      assertThat(peer.send(gone.frame(Frames.RST_STREAM, 0, stream, "00000008"))).isEmpty();
    }
    FramesWritten tooMany = FramesWritten.more().call(11, 0);
    assertThat(peer.send(tooMany.frame(Frames.RST_STREAM, 0, 11, "00000008")))
        .containsExactly("go away 11 11 too many streams were reset");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "2, 1", "4, 0", "77, 0"})
  void framesThatBringNothingAreCounted(int type, int stream) {
    begin();
    peer.send(FramesWritten.more().call(1, 0));
    FramesWritten frames = FramesWritten.more();
    for (int i = 0; i < 10_001; i++) {
      frames.frame(type, 0, stream, type == Frames.PRIORITY ? "0000000000" : "");
    }
    assertThat(peer.send(frames)).last().asString().startsWith("go away 1 11 ");
  }

  @Test
  void openCallsFinishWhenItGoesAway() {
    begin();
    peer.send(FramesWritten.more().call(1, 0).message(1, 0, "a"));
    peer.goAway();
    assertThat(peer.received()).containsExactly("go away 2147483647 0", "ping " + 0x97ACEF001L);
    assertThat(peer.send(FramesWritten.more().call(3, 0).message(3, 1, "late")))
        .contains("3 data late");
    assertThat(peer.send(FramesWritten.more().frame(Frames.PING, 1, 0, "000000097ACEF001")))
        .containsExactly("go away 3 0");
    assertThat(peer.send(FramesWritten.more().call(5, 0))).containsExactly("5 reset 7");
    assertThat(peer.send(FramesWritten.more().message(1, 1, "b")))
        .containsExactly("1 data b", "1 headers grpc-status=0 end");
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void aPeerThatDoesNotAnswerThatItGoesAwayIsNotWaitedFor() {
    begin();
    peer.goAway();
    assertThat(peer.received()).hasSize(2);
    assertThat(peer.after(10)).containsExactly("go away 0 0");
    assertThat(peer.channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionWithoutAPrefaceIsClosed() {
    peer.after(31);
    assertThat(peer.channel.isOpen()).isFalse();
  }
}
