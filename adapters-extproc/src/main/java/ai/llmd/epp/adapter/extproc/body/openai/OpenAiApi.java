package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.PathSuffix;
import ai.llmd.epp.domain.request.ApiKind;
import java.util.List;
import java.util.function.Function;

/** The APIs of the OpenAI family, in the order in which a path is compared with them. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are immutable, the functions constructors
enum OpenAiApi {
  CONVERSATIONS(
      ApiKind.CONVERSATIONS,
      List.of("conversations"),
      "invalid conversations request: must have items field",
      List.of(),
      ConversationView::new),
  RESPONSES(
      ApiKind.RESPONSES,
      List.of("responses"),
      "invalid responses request: must have input field",
      List.of("max_output_tokens"),
      ResponsesView::new),
  CHAT_COMPLETIONS(
      ApiKind.CHAT_COMPLETIONS,
      List.of("chat/completions", "chat/completions/render"),
      "invalid chat completions request: must have valid messages field",
      List.of("max_completion_tokens", "max_tokens"),
      ChatView::new),
  COMPLETIONS(
      ApiKind.COMPLETIONS,
      List.of("completions", "completions/render"),
      "invalid completions request: must have prompt field",
      List.of("max_tokens"),
      body -> new CompletionView()),
  EMBEDDINGS(
      ApiKind.EMBEDDINGS,
      List.of("embeddings"),
      "invalid embeddings request: must have input field",
      List.of(),
      EmbeddingView::new),
  IMAGES(
      ApiKind.IMAGES,
      List.of("images/generations"),
      "invalid images generations request: must have prompt field",
      List.of(),
      body -> new ImageView());

  private final ApiKind kind;
  private final List<String> suffixes;
  private final String incomplete;
  private final List<String> capKeys;
  private final Function<byte[], ApiView> view;

  OpenAiApi(
      ApiKind kind,
      List<String> suffixes,
      String incomplete,
      List<String> capKeys,
      Function<byte[], ApiView> view) {
    this.kind = kind;
    this.suffixes = suffixes;
    this.incomplete = incomplete;
    this.capKeys = capKeys;
    this.view = view;
  }

  /** The API of a path; completions when no other fits. */
  static OpenAiApi ofPath(String path) {
    for (OpenAiApi api : values()) {
      for (String suffix : api.suffixes) {
        if (PathSuffix.matches(path, suffix)) {
          return api;
        }
      }
    }
    return COMPLETIONS;
  }

  ApiKind kind() {
    return kind;
  }

  List<String> suffixes() {
    return suffixes;
  }

  /** The error text for the client when the body does not hold what the API needs. */
  String incomplete() {
    return incomplete;
  }

  /** Where the output cap stands, in order of preference. */
  List<String> capKeys() {
    return capKeys;
  }

  ApiView viewOf(byte[] body) {
    return view.apply(body);
  }
}
