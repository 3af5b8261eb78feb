package ai.llmd.epp.application.producer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** The beginnings of image files. */
final class Images {

  private Images() {}

  static byte[] png(int width, int height) {
    return ByteBuffer.allocate(33)
        .putLong(0x89504E470D0A1A0AL)
        .putInt(13)
        .putInt(0x49484452)
        .putInt(width)
        .putInt(height)
        .array();
  }

  static byte[] gif(int width, int height) {
    return ByteBuffer.allocate(13)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("GIF89a".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) width)
        .putShort((short) height)
        .array();
  }

  /**
   * @param metadataBytes content of an APP1 segment before the frame header, at most 65533
   */
  static byte[] jpeg(int width, int height, int startOfFrame, int metadataBytes) {
    var file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE1});
    int length = metadataBytes + 2;
    file.writeBytes(new byte[] {(byte) (length >> 8), (byte) length});
    byte[] metadata = new byte[metadataBytes];
    Arrays.fill(metadata, (byte) 0xFF);
    file.writeBytes(metadata);
    file.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) startOfFrame, 0, 17, 8});
    file.writeBytes(
        new byte[] {(byte) (height >> 8), (byte) height, (byte) (width >> 8), (byte) width, 3});
    return file.toByteArray();
  }

  static String base64(byte[] file) {
    return Base64.getEncoder().encodeToString(file);
  }

  static String dataUrl(String subtype, byte[] file) {
    return "data:image/" + subtype + ";base64," + base64(file);
  }
}
