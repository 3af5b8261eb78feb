package ai.llmd.epp.zmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZmtpStreamTest {

  private static final String SIGNATURE = "\u00ff" + "\0".repeat(8) + "\u007f";
  private static final String GREETING =
      SIGNATURE + "\3\1NULL" + "\0".repeat(16) + "\0" + "\0".repeat(31);
  private static final String READY = "\4\u0019\5READY\u000bSocket-Type\0\0\0\3PUB";

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @Test
  void greetsAndSubscribesAsTheProtocolWritesIt() throws IOException {
    ZmtpStream stream = stream(GREETING + READY);
    stream.shakeHands();
    stream.subscribe("kv@".getBytes(ISO_8859_1));
    assertThat(sent.toString(ISO_8859_1))
        .isEqualTo(
            SIGNATURE + "\3\0NULL" + "\0".repeat(48) + READY.replace("PUB", "SUB") + "\0\4\1kv@");
  }

  @Test
  void readsFramesOfAllSizesAndAnswersAPingBetweenThem() throws IOException {
    ZmtpStream stream =
        stream("\1\2kv" + "\4\u0009\4PING\0\7xy" + "\3\0\0\0\0\0\0\1\0" + "a".repeat(256) + "\0\0");
    assertThat(stream.receive())
        .isDeepEqualTo(
            new byte[][] {
              "kv".getBytes(ISO_8859_1), "a".repeat(256).getBytes(ISO_8859_1), new byte[0]
            });
    assertThat(sent.toString(ISO_8859_1)).isEqualTo("\4\7\4PONGxy");
    assertThatThrownBy(stream::receive).isInstanceOf(EOFException.class);
  }

  @Test
  void takesCommandsOfSubscribersForTheMessagesThatTheyStandFor() throws IOException {
    ZmtpStream stream = stream("\4\u000c\u0009SUBSCRIBEkv" + "\4\u0008\6CANCELk" + "\0\2\1m");
    assertThat(stream.receive()).isDeepEqualTo(frames("\1kv"));
    assertThat(stream.receive()).isDeepEqualTo(frames("\0k"));
    assertThat(stream.receive()).isDeepEqualTo(frames("\1m"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0\u00ff" + "x", // ends too early
        "\2\0\0\0\0\0\1\0\0", // 65,536 bytes and none of them
      })
  void endsWithItsConnection(String bytes) {
    assertThatThrownBy(() -> stream(bytes).receive()).isInstanceOf(EOFException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0008\0", // a flag that there is not
        "\2\0\0\0\0\0\1\0\1", // one byte too many
        "\2\u00ff\0\0\0\0\0\0\0", // a length below zero
        "\5\5\4PING", // a command in parts
        "\4\4\4PIN", // its name ends too early
        "\4\0", // no name
        "\4\7\5ERROR\0",
        "\6\0\0\0\0\0\0 \0", // a command as long as a message
      })
  void refusesWhatIsNoMessage(String bytes) {
    assertThatThrownBy(() -> stream(bytes).receive()).isInstanceOf(ZmtpException.class);
  }

  @Test
  void refusesAMessageThatIsTooLongInAllOrOfTooManyFrames() {
    String half = "\3\0\0\0\0\0\0\u0080\0" + "a".repeat(32_768);
    assertThatThrownBy(() -> stream(half + half + "\0\1a").receive())
        .hasMessage("a frame of 1 bytes, where 0 are the most");
    assertThatThrownBy(() -> stream("\1\0".repeat(17)).receive())
        .hasMessage("a message of more than 16 frames");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 400 Bad Request | no ZeroMQ",
        "GREETING[0-10]\1x | version 1 of the protocol",
        "GREETING[0-12]PLAIN | it wants encryption or a password",
        "GREETING[0-64]\0\1x | a message before the handshake",
        "GREETING[0-64]\4\6\5ERROR | refused by the peer",
        "GREETING[0-64]\4\6\5READY | a handshake without a socket type",
        "GREETING[0-64]\4\6\5HELLO | no handshake",
      })
  void refusesAHandshake(String bytes, String message) {
    assertThatThrownBy(() -> stream(expanded(bytes)).shakeHands())
        .isInstanceOf(ZmtpException.class)
        .hasMessage(message);
  }

  private static String expanded(String bytes) {
    if (!bytes.startsWith("GREETING[0-")) {
      return bytes;
    }
    int end = bytes.indexOf(']');
    String head = GREETING.substring(0, Integer.parseInt(bytes.substring(11, end)));
    return head + bytes.substring(end + 1) + "\0".repeat(64);
  }

  @Test
  void refusesAPeerThatASubscriberCannotTalkTo() {
    assertThatThrownBy(() -> stream(GREETING + READY.replace("PUB", "REP")).shakeHands())
        .hasMessage("a SUB cannot talk to it");
  }

  private static byte[][] frames(String only) {
    return new byte[][] {only.getBytes(ISO_8859_1)};
  }

  private ZmtpStream stream(String received) {
    return new ZmtpStream(
        new ByteArrayInputStream(received.getBytes(ISO_8859_1)), sent, ZmtpRole.SUB, 65_536);
  }
}
