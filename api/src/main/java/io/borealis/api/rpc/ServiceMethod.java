package io.borealis.api.rpc;

import io.borealis.api.Response;
import io.borealis.api.codec.StructType;
import java.util.concurrent.CompletionStage;

/**
 * One method of a service. Immutable.
 *
 * @param <S> the service
 * @param <A> its arguments, as one struct
 * @param service name of the service that declares it
 * @param name name on the wire
 * @param args the struct of its arguments
 * @param handler calls it
 */
public record ServiceMethod<S, A>(
    String service, String name, StructType<A> args, Handler<S, A> handler) {

  /** Calls the method on an implementation with arguments read from the wire. */
  public CompletionStage<Response> call(S implementation, CallContext call, A arguments) {
    return handler.call(implementation, call, arguments);
  }

  /** How a method is called. */
  @FunctionalInterface
  public interface Handler<S, A> {
    /** Calls it. */
    CompletionStage<Response> call(S implementation, CallContext call, A arguments);
  }
}
