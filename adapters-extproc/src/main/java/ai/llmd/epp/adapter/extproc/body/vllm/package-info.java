/** vLLM's own APIs, over HTTP and over gRPC: requests, and the usage in responses. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.vllm;

import org.jspecify.annotations.NullMarked;
