package ai.llmd.epp.adapter.extproc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that wants to break the connection, or to make it keep or do too much. */
class HostilePeerTest {

  private final Peer peer = new Peer();

  @AfterEach
  void nothingStays() {
    peer.close();
    assertThat(peer.host.cancelled + peer.host.completed).isEqualTo(peer.host.begun);
    assertThat(peer.host.tracersEnded).isEqualTo(peer.host.tracersBegun);
    assertThat(peer.host.connections).isZero();
    assertThat(peer.host.failures).isZero();
    assertThat(peer.host.room().held()).isZero();
  }

  private void begin() {
    assertThat(peer.send(FramesWritten.begun())).contains("settings known");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aStreamDoesNotBeginAgain(int flags) {
    begin();
    assertThat(peer.send(FramesWritten.more().call(5, 1))).hasSize(1);
    assertThat(peer.send(FramesWritten.more().call(3, flags)))
        .containsExactly("go away 5 1 a stream that begins again");
    assertThat(peer.host.begun).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 61", "3, 00000008", "8, 00000001"})
  void streamsOfTheServerAreNone(int type, String payload) {
    begin();
    peer.send(FramesWritten.more().call(5, 0));
    assertThat(peer.send(FramesWritten.more().frame(type, 0, 2, payload)))
        .hasSize(1)
        .allMatch(line -> line.startsWith("go away 5 1 "));
  }

  static Stream<FramesWritten> noTrailers() {
    Http2Headers one = new DefaultHttp2Headers().set("x", "y");
    Http2Headers upperCase = new DefaultHttp2Headers(false).set("X", "y");
    return Stream.of(
        FramesWritten.more().headers(1, 0, one), // end nothing
        FramesWritten.more().call(1, 1), // begin a stream
        FramesWritten.more().headers(1, 1, upperCase));
  }

  @ParameterizedTest
  @MethodSource("noTrailers")
  void whatAreNoTrailersEndsTheStreamAlone(FramesWritten headers) {
    begin();
    peer.send(FramesWritten.more().call(1, 0).call(3, 0));
    assertThat(peer.send(headers)).containsExactly("1 reset 1");
    assertThat(peer.host.cancelled).isEqualTo(1);
    assertThat(peer.send(FramesWritten.more().message(3, 1, "b")))
        .contains("3 data b", "3 headers grpc-status=0 end");
  }

  @Test
  void headersBehindTheEndEndTheConnection() {
    begin();
    peer.host.asked = 0; // it stays open
    FramesWritten ended = FramesWritten.more().call(1, 0).message(1, 1, "a");
    assertThat(peer.send(ended)).isEmpty();
    Http2Headers trailers = new DefaultHttp2Headers().set("x", "y");
    assertThat(peer.send(FramesWritten.more().headers(1, 1, trailers)))
        .containsExactly("go away 1 5 headers behind the end of a stream");
  }

  @Test
  void trailersOfAStreamThatIsOverAreIgnored() {
    begin();
    peer.send(FramesWritten.more().call(1, 1));
    Http2Headers trailers = new DefaultHttp2Headers().set("x", "y");
    assertThat(peer.send(FramesWritten.more().headers(1, 1, trailers))).isEmpty();
    assertThat(peer.send(FramesWritten.more().call(3, 1))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"00000000, 1", "7fffffff, 3"})
  void aWindowThatIsNoneEndsTheStreamAlone(String window, int code) {
    begin();
    peer.send(FramesWritten.more().call(1, 0).call(3, 0));
    assertThat(peer.send(FramesWritten.more().frame(Frames.WINDOW_UPDATE, 0, 1, window)))
        .containsExactly("1 reset " + code);
    assertThat(peer.host.cancelled).isEqualTo(1);
    assertThat(peer.send(FramesWritten.more().message(3, 1, "b"))).contains("3 data b");
  }

  @Test
  void resetsThatThePeerCausesAreCountedAsItsOwn() {
    begin();
    for (int stream = 1; stream <= 9; stream += 2) {
      FramesWritten call = FramesWritten.more().call(stream, 0);
      assertThat(peer.send(call.frame(Frames.WINDOW_UPDATE, 0, stream, "00000000"))).hasSize(1);
    }
    FramesWritten tooMany = FramesWritten.more().call(11, 0);
    assertThat(peer.send(tooMany.frame(Frames.WINDOW_UPDATE, 0, 11, "00000000")))
        .contains("go away 11 11 too many streams were reset");
  }

  @Test
  void settingsAreCountedWhateverComesBetween() {
    begin();
    peer.send(FramesWritten.more().call(1, 0));
    FramesWritten frames = FramesWritten.more();
    for (int i = 1; i < 100; i++) { // one has come
      frames.frame(Frames.SETTINGS, 0, 0, i % 2 == 0 ? "0004 00000000" : "0004 7fffffff");
      frames.message(1, 0, "");
    }
    assertThat(peer.send(frames)).noneMatch(line -> line.startsWith("go away"));
    assertThat(peer.send(FramesWritten.more().frame(Frames.SETTINGS, 0, 0, "")))
        .contains("go away 1 11 too many settings");
  }

  @Test
  void dataOfStreamsThatAreOverDoNotMakeEmptyFramesGood() {
    begin();
    peer.send(FramesWritten.more().call(1, 1));
    FramesWritten frames = FramesWritten.more();
    for (int i = 0; i < 10_001; i++) {
      frames.frame(Frames.PRIORITY, 0, 1, "0000000000");
      if (i % 1_000 == 0) {
        frames.frame(Frames.DATA, 0, 1, "61");
      }
    }
    assertThat(peer.send(frames)).last().asString().startsWith("go away 1 11 ");
  }

  @Test
  void numbersMayLieFarApart() {
    begin();
    for (int stream : new int[] {1, 0x20001, 0x40001, 0x7fffffff}) {
      assertThat(peer.send(FramesWritten.more().call(stream, 0).message(stream, 1, "a")))
          .contains(stream + " data a", stream + " headers grpc-status=0 end");
    }
  }

  @Test
  void refusalsRepeatNothing() {
    begin();
    String path = "/" + "x".repeat(3_000);
    List<String> answers = peer.send(FramesWritten.more().headers(1, 1, FramesWritten.of(path)));
    assertThat(answers).hasSize(1).allMatch(line -> line.length() < 200);
  }

  @Test
  void refusalsThatAreNotTakenAreNotGivenForEver() {
    begin();
    peer.takeNothing();
    int stream = 1;
    for (; stream < 30_000 && peer.channel.isOpen(); stream += 2) {
      peer.send(FramesWritten.more().headers(stream, 1, FramesWritten.of("/other")));
    }
    assertThat(stream).isBetween(19_990, 20_010);
  }

  /** The connection's window is used up; streams that wait for it are reset, again and again. */
  @Test
  void nothingIsKeptOfStreamsThatWaitedForTheWindow() {
    peer.send(FramesWritten.begun().frame(Frames.SETTINGS, 0, 0, "0004 7fffffff"));
    peer.host.asked = 10;
    FramesWritten full = FramesWritten.more().call(1, 0);
    for (int i = 0; i < 5; i++) {
      full.message(1, 0, "x".repeat(16_000));
    }
    assertThat(peer.send(full)).filteredOn(line -> line.startsWith("1 data")).hasSize(5);
    for (int stream = 3; stream <= 9; stream += 2) {
      FramesWritten blocked = FramesWritten.more().call(stream, 0).message(stream, 0, "a");
      blocked.frame(Frames.RST_STREAM, 0, stream, "00000008");
      assertThat(peer.send(blocked)).noneMatch(line -> line.contains("data"));
    }
    assertThat(peer.host.cancelled).isEqualTo(4);
    await()
        .until(
            () -> {
              System.gc();
              return peer.host.callsInMemory() == 1;
            });
  }

  @Test
  void callsWhoseAnswersAreNotTakenEnd() {
    peer.send(FramesWritten.begun().frame(Frames.SETTINGS, 0, 0, "0004 00000000"));
    assertThat(peer.send(FramesWritten.more().call(1, 0).message(1, 1, "a")))
        .noneMatch(line -> line.contains("data"));
    assertThat(peer.after(59)).doesNotContain("1 reset 8");
    assertThat(peer.after(2)).contains("1 reset 8");
    assertThat(peer.host.cancelled).isEqualTo(1);
  }

  @Test
  void nothingIsKeptOfConnectionsThatEnd() {
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(peer.channel.isOpen()).isFalse();
    assertThat(peer.channel.runScheduledPendingTasks()).as("until a timer").isEqualTo(-1);
  }

  @Test
  void whatIsIncompleteIsCounted() {
    begin();
    FramesWritten frames = FramesWritten.more().frame(Frames.HEADERS, 0, 1, new byte[6_000]);
    byte[] next = FramesWritten.more().frame(Frames.CONTINUATION, 0, 1, new byte[9_000]).bytes();
    peer.send(frames.bytes());
    peer.send(Arrays.copyOf(next, 8_000));
    assertThat(peer.host.room().held()).isEqualTo(14_000);
    assertThat(peer.send(Arrays.copyOfRange(next, 8_000, next.length))).isEmpty();
    assertThat(peer.host.room().held()).isEqualTo(15_000);
    assertThat(peer.send(FramesWritten.more().frame(Frames.CONTINUATION, 0, 1, new byte[2_000])))
        .containsExactly("go away 0 11 headers without an end");
  }

  @Test
  void aConnectionEndsWhenThereIsNoRoomForItsFrame() {
    try (Peer other = new Peer(8_000)) {
      other.send(FramesWritten.begun().bytes());
      byte[] frame = FramesWritten.more().frame(Frames.HEADERS, 0, 1, new byte[16_000]).bytes();
      assertThat(other.send(Arrays.copyOf(frame, 8_500))).isEmpty(); // a little more than fits
      assertThat(other.host.shortages).isEqualTo(1);
      assertThat(other.send(Arrays.copyOfRange(frame, 8_500, 9_500)))
          .containsExactly("go away 0 11 no room for what is incomplete");
      assertThat(other.host.room().held()).isZero();
    }
  }

  @Test
  void aStreamEndsWhenThereIsNoRoomForWhatItDoesNotTakeYet() {
    try (Peer other = new Peer(20_000)) {
      other.send(FramesWritten.begun().bytes());
      other.host.asked = 0;
      FramesWritten calls = FramesWritten.more().call(1, 0).call(3, 0);
      assertThat(other.send(calls.message(1, 0, "x".repeat(16_000)))).isEmpty();
      assertThat(other.host.room().held()).isEqualTo(16_005);
      assertThat(other.send(FramesWritten.more().message(3, 0, "x".repeat(16_000))))
          .anyMatch(line -> line.startsWith("3 headers") && line.contains("grpc-status=8"));
      assertThat(other.send(FramesWritten.more().frame(Frames.RST_STREAM, 0, 1, "00000008")))
          .noneMatch(line -> line.startsWith("go away"));
      assertThat(other.host.room().held()).isZero();
    }
  }
}
