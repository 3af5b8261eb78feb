package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.AdminPage;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * How answers begin, by what was asked.
 *
 * @param isWithoutBody whether the head is all that is sent
 * @param isHttp11 whether the reader knows chunks
 * @param keepsConnection whether another request may follow
 */
record AnswerHead(boolean isWithoutBody, boolean isHttp11, boolean keepsConnection) {

  /** Of requests that cannot be read. */
  static final AnswerHead OF_REFUSAL = new AnswerHead(false, true, false);

  /** IMF-fixdate (RFC 9110, 5.6.7), which has two digits for every day. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  static AnswerHead of(PageRequest request) {
    return new AnswerHead(request.isHead(), request.isHttp11(), request.keepsConnection());
  }

  boolean isChunked(AdminPage.Answer answer) {
    return answer.stream() != null && isHttp11;
  }

  byte[] bytes(AdminPage.Answer answer) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(answer.status()).append(' ').append(reason(answer.status()));
    line(head, "Date", date(ZonedDateTime.now(ZoneOffset.UTC)));
    answer.headers().forEach((name, value) -> line(head, name, value));
    if (isChunked(answer)) {
      line(head, "Transfer-Encoding", "chunked");
    } else if (answer.stream() == null) {
      line(head, "Content-Length", Integer.toString(answer.body().length));
    }
    if (!keepsConnection) {
      line(head, "Connection", "close");
    }
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  static String date(ZonedDateTime utc) {
    return DATE.format(utc);
  }

  private static void line(StringBuilder head, String name, String value) {
    head.append("\r\n").append(name).append(": ").append(value);
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 503 -> "Service Unavailable";
      default -> "";
    };
  }
}
