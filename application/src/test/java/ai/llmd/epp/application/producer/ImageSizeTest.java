package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ImageSizeTest {

  private static final int BASELINE = 0xC0;
  private static final int PROGRESSIVE = 0xC2;
  private static final int LOSSLESS = 0xC3;

  @Test
  void readsWhatTheHeadersSay() {
    assertThat(pixels(Images.dataUrl("png", Images.png(320, 256)))).isEqualTo(320 * 256);
    assertThat(pixels(Images.dataUrl("gif", Images.gif(300, 513)))).isEqualTo(300 * 513);
    assertThat(pixels(Images.dataUrl("jpeg", Images.jpeg(1920, 1080, BASELINE, 0))))
        .isEqualTo(1920 * 1080);
    assertThat(pixels(Images.dataUrl("jpeg", Images.jpeg(640, 481, PROGRESSIVE, 60_000))))
        .isEqualTo(640 * 481);
  }

  @Test
  void judgesByTheContentAndNotByItsName() {
    assertThat(pixels(Images.dataUrl("webp", Images.png(10, 20)))).isEqualTo(200);
    assertThat(pixels("data:image/png;name=base64bas;base64," + Images.base64(Images.gif(9, 9))))
        .isEqualTo(81);
  }

  @Test
  void doesNotKnowWhatIsNoImage() {
    assertThat(pixels("")).isZero();
    assertThat(pixels("https://example.com/base64,")).isZero();
    assertThat(pixels("data:image/png;base64,")).isZero();
    assertThat(pixels("data:image/png;base64,!!!!")).isZero();
    assertThat(pixels("data:image/svg+xml,<svg/>")).isZero();
    assertThat(pixels("data:text/plain;base64," + Images.base64(Images.png(8, 8)))).isZero();
    assertThat(pixels(Images.dataUrl("png", new byte[100]))).isZero();
    assertThat(pixels(Images.dataUrl("png", Images.png(0, 8)))).isZero();
    assertThat(pixels(Images.dataUrl("png", Images.png(-8, -8)))).isZero();
    assertThat(pixels(Images.dataUrl("jpeg", Images.jpeg(8, 8, LOSSLESS, 0)))).isZero();
  }

  @Test
  void doesNotKnowATruncatedHeader() {
    byte[] png = Arrays.copyOf(Images.png(8, 8), 23);
    assertThat(pixels(Images.dataUrl("png", png))).isZero();
  }

  @Test
  void skipsLineBreaksInsideBase64() {
    String url = Images.dataUrl("png", Images.png(8, 8));
    assertThat(pixels(url.substring(0, 30) + "\r\n" + url.substring(30))).isEqualTo(64);
  }

  @Test
  void readsBareBase64WhenAskedTo() {
    String bare = Images.base64(Images.jpeg(64, 32, BASELINE, 9));
    assertThat(pixels(bare, true)).isEqualTo(2048);
    assertThat(pixels(bare, false)).isZero();
    assertThat(pixels("https://example.com/a.png", true)).isZero();
    assertThat(pixels(Images.dataUrl("gif", Images.gif(2, 2)), true)).isEqualTo(4);
  }

  @Test
  void givesUpOnAFileWithoutASize() {
    byte[] endless = new byte[1 << 20];
    Arrays.fill(endless, (byte) 0xFF);
    endless[1] = (byte) 0xD8;
    var size = new ImageSize(false);
    byte[] url = Images.dataUrl("jpeg", endless).getBytes(StandardCharsets.US_ASCII);
    size.write(url, 0, url.length);
    assertThat(size.isFull()).isTrue();
    assertThat(size.isKnown()).isFalse();
  }

  @RepeatedTest(300)
  void survivesAnyBytesAfterAKnownBeginning(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    byte[] file =
        switch (random.nextInt(3)) {
          case 0 -> Images.png(random.nextInt(), random.nextInt());
          case 1 -> Images.gif(random.nextInt(), random.nextInt());
          default -> Images.jpeg(1, 1, random.nextInt(256), random.nextInt(50));
        };
    for (int i = random.nextInt(6); i > 0; i--) {
      file[random.nextInt(file.length)] = (byte) random.nextInt(256);
    }
    assertThat(pixels(Images.dataUrl("any", file))).isNotNegative();
  }

  private static long pixels(String content) {
    return pixels(content, false);
  }

  /** Pixels, or 0 when unknown; the same in one write and byte by byte. */
  private static long pixels(String content, boolean isBareBase64) {
    byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
    var whole = new ImageSize(isBareBase64);
    whole.write(bytes, 0, bytes.length);
    var pieces = new ImageSize(isBareBase64);
    for (int i = 0; i < bytes.length; i++) {
      pieces.write(bytes, i, 1);
    }
    assertThat(pieces.isKnown()).isEqualTo(whole.isKnown());
    return whole.isKnown() ? whole.pixels() : 0;
  }
}
