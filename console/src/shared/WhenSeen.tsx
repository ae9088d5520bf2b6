import { useEffect, useRef, useState, type ReactNode } from "react";

/** What is below the window is not made, and not fetched, until a person comes near it. */
export function WhenSeen({ children, className }: { children: ReactNode; className: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const { current } = place;
    if (!current || seen) return undefined;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true));
    observer.observe(current);
    return () => observer.disconnect();
  }, [seen]);
  return <div ref={place} className={className}>{seen && children}</div>;
}
