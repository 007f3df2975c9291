package io.borealis.thrift;

import io.borealis.api.Response;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.rpc.ServiceMethod;
import java.util.concurrent.CompletionStage;

/**
 * One call of the API on its way to the implementation. Immutable.
 *
 * @param <A> the struct of its arguments
 * @param method what is called
 * @param args with what
 * @param context by whom
 */
public record Call<A>(ServiceMethod<? super AuroraAdmin, A> method, A args, CallContext context) {

  /** The name of the method. */
  public String name() {
    return method.name();
  }

  /** Whether the method may change something; only those of the read-only service never do. */
  public boolean mutating() {
    return !method.service().equals("ReadOnlyScheduler");
  }

  /** Makes the call. */
  public CompletionStage<Response> on(AuroraAdmin implementation) {
    return method.call(implementation, context, args);
  }
}
