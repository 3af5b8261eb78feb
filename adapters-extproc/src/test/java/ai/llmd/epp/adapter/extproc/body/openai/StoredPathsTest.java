package ai.llmd.epp.adapter.extproc.body.openai;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredPathsTest {

  @ParameterizedTest
  @CsvSource({
    "/v1/responses/resp_7,resp_7,''",
    "/v1/responses/resp_7/,resp_7,''",
    "/v1/responses/resp_7/cancel,resp_7,resp_7",
    "/v1/responses/resp_7/input_items,resp_7,resp_7",
    "/v1/conversations/conv_1,conv_1,conv_1",
    "/v1/conversations/conv_1/items,conv_1,conv_1",
    "/v1/conversations/conv_1/items/msg_2,conv_1,conv_1",
    "/team/v1/responses/resp_7,resp_7,''",
    "responses/resp_7,resp_7,''",
    "/v1/responses/a%2Fb+c,a/b+c,''",
    "/v1/responses/50%,50%,''",
    "/v1/responses,'',''",
    "/v1/responses/,'',''",
    "/v1/conversations,'',''",
    "/v1/responses/compact,'',''",
    "/v1/responses/input_tokens,'',''",
    "/v1/responses/render,'',''",
    "/v1/autoresponses/7,'',''",
    "/v1/chat/completions,'',''"
  })
  void areFoundByTheirLastSegments(String path, String withoutBody, String withBody) {
    assertThat(StoredPaths.reference(path)).isEqualTo(withoutBody);
    assertThat(StoredPaths.referenceOfBody(path)).isEqualTo(withBody);
  }
}
