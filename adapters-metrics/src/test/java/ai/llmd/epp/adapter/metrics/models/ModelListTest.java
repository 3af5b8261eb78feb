package ai.llmd.epp.adapter.metrics.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.ServedModels.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelListTest {

  private final List<String> problems = new ArrayList<>();

  private @Nullable List<Model> read(String page) {
    byte[] bytes = page.getBytes(UTF_8);
    return ModelList.read(Arrays.copyOf(bytes, bytes.length + 10), bytes.length, problems::add);
  }

  @Test
  void hasTheModelAndItsAdapters() {
    assertThat(
            read(
                """
                {"object": "list", "data": [
                  {"id": "base", "object": "model", "created": 1764000000, "owned_by": "vllm",
                   "root": "base", "parent": null, "max_model_len": 32768, "permission": [{}]},
                  {"id": "sql-\\u006cora", "object": "model", "created": 1764000001,
                   "owned_by": "vllm", "parent": "base"}]}
                """))
        .containsExactly(
            new Model("base", "model", 1_764_000_000, "vllm", ""),
            new Model("sql-lora", "model", 1_764_000_001, "vllm", "base"));
    assertThat(problems).isEmpty();
  }

  @Test
  void mayBeEmpty() {
    assertThat(read("{\"data\":[]}")).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void passesOverWhatItDoesNotKnow() {
    assertThat(
            read(
                "{\"data\": [{\"id\": \"a\", \"object\": 7, \"created\": \"now\", \"owned_by\": {},"
                    + " \"parent\": []}, {\"id\": 4}, \"b\", null, {\"created\": 1.5}]}"))
        .containsExactly(new Model("a", "", 0, "", ""));
    assertThat(problems).containsExactly("4 models have no usable id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{}", "{\"data\": {}}", "{\"data\": null}", "7", "{\"models\": []}"})
  void isUnknownWhereThePageHasNone(String page) {
    assertThat(read(page)).isNull();
    assertThat(problems).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"data\": [", "{\"data\": [{\"id\": \"a\"}]} x", "<html>", "{\"data\": [{]}"})
  void isUnknownWhereThePageIsBroken(String page) {
    assertThat(read(page)).isNull();
    assertThat(problems).singleElement().asString().contains("no JSON");
  }

  @Test
  void isBounded() {
    String many = "{\"id\":\"m\"},".repeat(ModelList.MAX_MODELS) + "{\"id\":\"last\"}";
    assertThat(read("{\"data\":[" + many + "]}")).hasSize(ModelList.MAX_MODELS);
    assertThat(problems).containsExactly("only 1000 of 1001 models are kept");
    problems.clear();
    String longName = "n".repeat(ModelList.MAX_NAME_CHARACTERS + 1);
    assertThat(read("{\"data\":[{\"id\":\"" + longName + "\"}]}")).isEmpty();
    assertThat(problems).containsExactly("1 models have no usable id");
  }
}
