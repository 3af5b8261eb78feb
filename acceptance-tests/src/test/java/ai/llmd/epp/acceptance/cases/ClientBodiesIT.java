package ai.llmd.epp.acceptance.cases;

import static ai.llmd.epp.acceptance.cases.ClientBodiesIT.Prefix.REMEMBERED;
import static ai.llmd.epp.acceptance.cases.ClientBodiesIT.Prefix.UNREAD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bodies and paths that clients really send: each is routed, its bytes reach the model server as
 * they came, and its prompt is remembered as far as it is understood. Judging a request is the
 * model server's work.
 */
@ParameterizedClass
@EnumSource(EnvoyMode.class)
@NullUnmarked // the fields are set before the first test
record ClientBodiesIT(EnvoyMode mode) {

  /** What becomes of a prompt. */
  enum Prefix {
    /** Requests that begin alike go where this one went. */
    REMEMBERED,
    /** There is none that is understood: the request goes where the load is least. */
    UNREAD
  }

  private static final AtomicInteger MARKERS = new AtomicInteger();

  private static EchoServers servers;
  private static Stack stack;
  private static EppProcess epp;
  private static EnvoyProcess envoy;
  private static long markerBlocks;

  @BeforeParameterizedClassInvocation
  static void start(EnvoyMode mode) {
    stack = Stack.empty("client-bodies-" + mode, false);
    servers = EchoServers.start(3);
    stack.endpoints().list(servers.ports());
    epp = stack.startEpp();
    envoy = stack.startEnvoy(mode, servers.ports());
    assertThat(sendMarker().status()).isEqualTo(200);
    await().until(() -> epp.rememberedPrefixBlocks() >= 2);
    markerBlocks = epp.rememberedPrefixBlocks();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
    }
    if (servers != null) {
      servers.close();
    }
  }

  /** A mode that can do without the picker must not hide that it had to. */
  @AfterEach
  void thePickerWasAskedEachTime() {
    assertThat(envoy.bypassedPicker()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "embeddings-token-arrays.json, /v1/embeddings, REMEMBERED",
    "embeddings-messages.json, /v1/embeddings, UNREAD",
    "embeddings-message-input.json, /v1/embeddings, UNREAD",
    "completions-token-arrays.json, /v1/completions, REMEMBERED",
    "completions-prompt-embeds.json, /v1/completions, UNREAD",
  })
  void tokenAndChatInputs(String file, String path, Prefix prefix) {
    assertServed(path, input("token-and-chat-inputs", file), prefix);
  }

  @ParameterizedTest
  @CsvSource({"after-web-fetch.json", "search-results.json"})
  void anthropicServerToolBlocks(String file) {
    assertServed("/v1/messages", input("anthropic-server-tool-blocks", file), REMEMBERED);
  }

  @ParameterizedTest
  @CsvSource("chat.json")
  void mediaGivenAsText(String file) {
    assertServed("/v1/chat/completions", input("media-given-as-text", file), REMEMBERED);
  }

  @ParameterizedTest
  @CsvSource({
    "conversation-create.json, /v1/conversations",
    "conversation-items.json, /v1/conversations",
    "response-continue.json, /v1/responses",
    "response-stored-prompt.json, /v1/responses",
  })
  void apisWithoutAModel(String file, String path) {
    assertServed(path, input("apis-without-a-model", file), UNREAD);
  }

  @ParameterizedTest
  @CsvSource("chat.bin")
  void byteOrderMark(String file) {
    String body = input("byte-order-mark", file);
    assertThat(body).startsWith("\uFEFF");
    assertServed("/v1/chat/completions", body, REMEMBERED);
  }

  @ParameterizedTest
  @CsvSource({"/v1/threads/t_1/messages", "/api/chat/messages"})
  void pathsThatEndAlike(String path) {
    assertServed(path, input("paths-that-end-alike", "thread-message.json"), UNREAD);
  }

  @ParameterizedTest
  @CsvSource({"/v1/messages/", "/v1/messages?beta=true", "/gateway/v1/messages", "/own/messages"})
  void pathsThatEndAlikeButAreOurs(String path) {
    String body =
        "{'model':'m','max_tokens':4,'messages':[{'role':'user','content':'A ferry from %s'}]}"
            .formatted(path);
    assertServed(path, json(body), REMEMBERED);
  }

  /** More of each kind, in other forms. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/completions|{'model':'m','prompt':[[7,8],[]]}|REMEMBERED",
        "/v1/completions|{'model':'m','prompt':[['a'],[1]]}|UNREAD",
        "/v1/completions|{'model':'m','prompt':{'prompt_token_ids':[1,2]}}|UNREAD",
        "/v1/completions|{'model':'m','prompt_embeds':['UEs='],'prompt':null}|UNREAD",
        "/v1/completions|{'model':'m','prompt':'odd','max_tokens':[],'logprobs':{}}|REMEMBERED",
        "/v1/embeddings|{'model':'m','input':[{'text':'a'},{'image':'b'}]}|UNREAD",
        "/v1/embeddings|{'model':'m','input':[1,null]}|UNREAD",
        "/v1/chat/completions|{'model':'m','messages':'hello'}|UNREAD",
        "/v1/chat/completions|{'model':'m','messages':[7,{'content':'seven'}]}|REMEMBERED",
        "/v1/chat/completions|{'model':'m','messages':[{'content':['bare']}]}|REMEMBERED",
        "/v1/chat/completions|{'model':'m','messages':[{'content':[{'type':'image_url',"
            + "'image_url':7},{'type':'text','text':'unseen'}]}],'tools':'none'}|REMEMBERED",
        "/v1/messages|{'model':'m','messages':[{'role':'user','content':[{'type':'image','source':"
            + "'x'},{'type':'text','text':'shown'}]}],'system':7,'tools':{}}|REMEMBERED",
        "/v1/responses|{'previous_response_id':'resp_7'}|UNREAD",
        "/v1/responses|{'input':'without a model'}|REMEMBERED",
        "/v1/responses|{'conversation':{'id':'conv_7'},'input':null}|UNREAD",
        "/v1/conversations|{'items':[],'metadata':null}|UNREAD",
        "/v1/images/generations|{'prompt':'a pier'}|UNREAD",
        "/inference/v1/generate|{'token_ids':[[1],[2]]}|UNREAD",
        "/inference/v1/generate|{'token_ids':[4,5,6],'features':[]}|REMEMBERED",
        "/api/surveys/7/responses|{'answers':[1,2]}|UNREAD",
        "/api/inbox/conversations|no json|UNREAD",
        "/v1/regenerate|[]|UNREAD",
        "/v1/mycompletions|{'model':'m','prompt':'mine'}|REMEMBERED",
      })
  void neighbours(String path, String body, Prefix prefix) {
    assertServed(path, json(body), prefix);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/completions|[1]",
        "/v1/completions|{'model':'m'}",
        "/v1/completions|{'model':'m','prompt':'','prompt_embeds':null}",
        "/v1/embeddings|{'model':'m','messages':[]}",
        "/v1/chat/completions|\uFEFF",
        "/v1/chat/completions|{'model':'m','messages':null}",
        "/v1/chat/completions|{'messages':[{'content':'no model'}]}",
        "/v1/messages|{'model':'m','messages':[{'content':{'type':'text'}}]}",
        "/v1/messages/|{'model':'m'}",
        "/v1/responses|{'model':'m','prompt':null}",
        "/v1/conversations|null",
      })
  void whatHoldsNothingIsRefused(String path, String body) {
    Reply reply = envoy.gateway().post(path, json(body));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.servedBy()).as("no model server was asked").isZero();
  }

  private static void assertServed(String path, String body, Prefix prefix) {
    long before = epp.rememberedPrefixBlocks();
    Reply reply = envoy.gateway().post(path, body);

    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.body()).as("the bytes at the model server").isEqualTo(body);
    assertThat(reply.servedBy()).isIn(servers.ports());
    switch (prefix) {
      case REMEMBERED -> {
        await().until(() -> epp.rememberedPrefixBlocks() > before);
        assertThat(envoy.gateway().post(path, body).servedBy()).isEqualTo(reply.servedBy());
      }
      case UNREAD -> {
        sendMarker(); // picks are remembered in their order
        await().until(() -> epp.rememberedPrefixBlocks() >= before + markerBlocks);
        assertThat(epp.rememberedPrefixBlocks()).isEqualTo(before + markerBlocks);
      }
    }
  }

  /** A request whose prompt takes up the same number of new blocks each time. */
  private static Reply sendMarker() {
    String prompt = "%08d".formatted(MARKERS.incrementAndGet()).repeat(256);
    return envoy.gateway().post("/v1/completions", json("{'model':'m','prompt':'" + prompt + "'}"));
  }

  private static String json(String withApostrophes) {
    return withApostrophes.replace('\'', '"');
  }

  private static String input(String folder, String file) {
    return new String(CaseFile.read(folder + "/" + file), StandardCharsets.UTF_8);
  }
}
