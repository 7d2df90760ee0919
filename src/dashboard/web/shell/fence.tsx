import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';

interface FenceProps {
  readonly children: ReactNode;
}

/** A view that breaks takes nothing else with it, and says so. */
export class Fence extends Component<FenceProps, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div role="alert" className="grid place-items-center gap-2 px-6 py-10 text-center">
        <p className="font-medium">This view broke</p>
        <p className="max-w-xl text-ink-2">{error.message}</p>
        <Button size="small" onClick={() => location.reload()}>
          Load the page again
        </Button>
      </div>
    );
  }
}
