package ai.llmd.epp.adapter.extproc.body;

import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.request.PromptPiece;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of a body is bounded, whatever a client fills it with. */
class HostileBodiesTest {

  private static final int MANY = 100_000;
  private static final int MEBIBYTE = 1 << 20;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/chat/completions | {'messages':[ | {'role':'a'}, | {}]}",
        "/v1/chat/completions | {'messages':[{'content':[ | 'a', | 'a']}]}",
        "/v1/chat/completions | {'messages':[{'content':[ | {'image_url':'a'}, | 'a']}]}",
        "/v1/conversations | {'model':'m','items':[ | {}, | {}]}",
      })
  void takesTheFirstPiecesOfAPrompt(String path, String begin, String repeated, String end) {
    ParsedBody body = parsed(new OpenAiParser(), path, body(begin, repeated, MANY, end));
    assertThat(body.prompts().getFirst().pieces()).hasSize(PieceList.MAX_PIECES);
  }

  @Test
  void takesTheFirstBlocksOfMessages() {
    String begin = "{'messages':[{'role':'user','content':[";
    String block = "{'type':'text','text':'a'},";
    ParsedBody body =
        parsed(new AnthropicParser(), "/v1/messages", body(begin, block, MANY, "'a']}]}"));
    assertThat(body.prompts().getFirst().pieces()).hasSize(PieceList.MAX_PIECES);
  }

  @Test
  void takesTheFirstTokensOfAPrompt() {
    assertTakesTheFirstTokens(new OpenAiParser(), "/v1/completions", "{'prompt':[");
    assertTakesTheFirstTokens(new VllmHttpParser(), "/inference/v1/generate", "{'token_ids':[");
    assertTakesTheFirstTokens(new SglangHttpParser(), "/generate", "{'input_ids':[");
  }

  private static void assertTakesTheFirstTokens(RequestParser parser, String path, String begin) {
    ParsedBody body = parsed(parser, path, body(begin, "7,", TokenIdList.MAX_IDS + MANY, "7]}"));
    var ids = (PromptPiece.TokenIds) body.prompts().getFirst().pieces().getFirst();
    assertThat(ids.ids()).hasSize(TokenIdList.MAX_IDS).containsOnly(7);
  }

  @Test
  void takesTheBeginningOfNames() {
    ParsedBody body =
        parsed(
            new OpenAiParser(),
            "/v1/responses",
            body("{'input':'i','model':'", "m", MANY, "','cache_salt':'" + "\\u0073".repeat(MANY))
                + body("','previous_response_id':'", "r", MANY, "'}"));
    assertThat(body.model()).isEqualTo("m".repeat(BodyText.MAX_NAME_BYTES));
    assertThat(body.cacheSalt()).isEqualTo("s".repeat(BodyText.MAX_NAME_BYTES));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'messages':[{}],'  | ' : 1}",
        "{'messages':[{       '  | ' : 1}]}",
        "{'messages':[{}],'model':' | '}",
        "{'messages':[{}],'cache_salt':' | '}",
      })
  void decodesNoneOfALongText(String begin, String end) {
    allocatedFor(body(begin, "\u00ff", 1, end)); // its classes are loaded
    assertThat(allocatedFor(body(begin, "\u00ff", 4 * MEBIBYTE, end))).isLessThan(MEBIBYTE);
  }

  private static long allocatedFor(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    Parsers.parse(new OpenAiParser(), "/v1/chat/completions", bytes);
    return thread.getCurrentThreadAllocatedBytes() - before;
  }

  private static String body(String begin, String repeated, int times, String end) {
    return (begin + repeated.repeat(times) + end).replace('\'', '"');
  }
}
